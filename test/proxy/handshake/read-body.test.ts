import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Field } from "../../../src/base/request-facts.ts";
import { type Framing, readFraming } from "../../../src/proxy/handshake/body-framing.ts";
import { type ReadBytes, readBody } from "../../../src/proxy/handshake/read-body.ts";

const CHUNKED: Framing = { type: "Chunked" };

describe("readFraming", () => {
  const framingOf = (fields: readonly Field[], status = 400, minor: 0 | 1 = 1): Framing =>
    readFraming({ minor, status, reason: "", fields });

  it.each<[readonly Field[], Framing]>([
    [[["Content-Length", "5"]], { type: "Length", bytes: 5 }],
    [[["Content-Length", "0"]], { type: "Length", bytes: 0 }],
    [[["Content-Length", "5, 5"]], { type: "Length", bytes: 5 }],
    [[["Transfer-Encoding", "Chunked"]], { type: "Chunked" }],
    [[], { type: "UntilClose" }],
  ])("of %j is %j", (fields, framing) => {
    expect(framingOf(fields)).toEqual(framing);
  });

  it("is none for 204 and 304, whatever they say", () => {
    expect(framingOf([["Content-Length", "5"]], 204)).toEqual({ type: "None" });
    expect(framingOf([["Transfer-Encoding", "chunked"]], 304)).toEqual({ type: "None" });
  });

  it.each<[readonly Field[]]>([
    [
      [
        ["Content-Length", "5"],
        ["Transfer-Encoding", "chunked"],
      ],
    ],
    [
      [
        ["Content-Length", "5"],
        ["content-length", "6"],
      ],
    ],
    [[["Content-Length", "5, 6"]]],
    [[["Content-Length", "-1"]]],
    [[["Content-Length", "0x5"]]],
    [[["Content-Length", "+5"]]],
    [[["Content-Length", ""]]],
    [[["Content-Length", "9999999999999999"]]],
    [[["Transfer-Encoding", "gzip, chunked"]]],
    [[["Transfer-Encoding", "identity"]]],
    [
      [
        ["Transfer-Encoding", "chunked"],
        ["Transfer-Encoding", "chunked"],
      ],
    ],
    [[["Transfer-Encoding", "xchunked"]]],
  ])("of %j is ambiguous and refused", (fields) => {
    expect(() => framingOf(fields)).toThrowError(expect.objectContaining({ failure: "InvalidBackendAnswer" }));
  });

  it("refuses chunks from HTTP/1.0", () => {
    expect(() => framingOf([["Transfer-Encoding", "chunked"]], 400, 0)).toThrowError(
      expect.objectContaining({ failure: "InvalidBackendAnswer" }),
    );
  });
});

describe("readBody", () => {
  it("gives exactly the announced bytes, and leaves what follows", async () => {
    expect(await contentOf({ type: "Length", bytes: 5 }, ["hel", "lo, and more"])).toBe("hello");
    expect(await contentOf({ type: "Length", bytes: 0 }, ["unexpected"])).toBe("");
    expect(await contentOf({ type: "None" }, ["unexpected"])).toBe("");
  });

  it("reads until the end where nothing is announced", async () => {
    expect(await contentOf({ type: "UntilClose" }, ["hel", "lo"])).toBe("hello");
  });

  it("decodes chunks, dropping extensions and trailers", async () => {
    expect(await contentOf(CHUNKED, ['3;a="b"\r\nhel\r\n', "2\r\nlo\r\n0\r\nX-T: 1\r\n\r\nmore"])).toBe("hello");
  });

  it("decodes chunks however they are split", async () => {
    const wire = "5\r\nhello\r\nA ;x=y\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n";
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), async (sizes) => {
        const parts: string[] = [];
        let at = 0;
        for (const size of [...sizes, wire.length]) {
          parts.push(wire.slice(at, at + size));
          at += size;
        }
        expect(await contentOf(CHUNKED, parts)).toBe("hello0123456789");
      }),
    );
  });

  it.each<[string, Framing, readonly string[]]>([
    ["less than announced", { type: "Length", bytes: 5 }, ["hell"]],
    ["no last chunk", CHUNKED, ["5\r\nhello\r\n"]],
    ["no end of the trailers", CHUNKED, ["0\r\n"]],
    ["a chunk that is cut short", CHUNKED, ["5\r\nhel"]],
    ["a chunk that is too long", CHUNKED, ["3\r\nhello\r\n0\r\n\r\n"]],
    ["a size that is no number", CHUNKED, ["x\r\n"]],
    ["a size with a sign", CHUNKED, ["-1\r\n"]],
    ["an empty size", CHUNKED, ["\r\n"]],
    ["a size beyond all bounds", CHUNKED, ["FFFFFFFFFFFFFFFF\r\n"]],
    ["a line that never ends", CHUNKED, [`1;${"x".repeat(5_000)}`]],
    ["trailers without end", CHUNKED, [`0\r\n${"X: 1\r\n".repeat(100)}\r\n`]],
  ])("throws at %s", async (_, framing, parts) => {
    await expect(contentOf(framing, parts)).rejects.toThrowError(/early|malformed|too long|longer|too many/);
  });
});

async function contentOf(framing: Framing, parts: readonly string[]): Promise<string> {
  const left = [...parts];
  const read: ReadBytes = async () => {
    const next = left.shift();
    return next === undefined ? null : Buffer.from(next);
  };
  const pieces: Uint8Array[] = [];
  for await (const piece of readBody(framing, read)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
