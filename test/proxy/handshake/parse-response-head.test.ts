import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProxyError } from "../../../src/base/failures.ts";
import { MAX_HEAD_BYTES, parseResponseHead } from "../../../src/proxy/handshake/parse-response-head.ts";

const parse = (text: string): ReturnType<typeof parseResponseHead> => parseResponseHead(Buffer.from(text, "latin1"));
const invalid = expect.objectContaining({ failure: "InvalidBackendAnswer", status: 502 });

describe("parseResponseHead", () => {
  it("parses a head, and counts its bytes", () => {
    const text = "HTTP/1.1 401 Not \u00e9t\u00e9\r\nX-A: 1\r\nx-a:\t2 \r\nX-Empty:\r\n\r\nbody";
    expect(parse(text)).toEqual({
      head: {
        minor: 1,
        status: 401,
        reason: "Not \u00e9t\u00e9",
        fields: [
          ["X-A", "1"],
          ["x-a", "2"],
          ["X-Empty", ""],
        ],
      },
      length: text.length - 4,
    });
  });

  it.each(["HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200 \r\n\r\n"])("takes %j", (text) => {
    expect(parse(text)?.head.status).toBe(200);
  });

  it("waits for the rest at every byte before the end", () => {
    const text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    for (let length = 0; length < text.length; length += 1) expect(parse(text.slice(0, length))).toBeNull();
    expect(parse(text)?.length).toBe(text.length);
  });

  it.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.9\r\n"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n"],
    ["HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n"],
    ["a status of four digits", "HTTP/1.1 1010 No\r\n\r\n"],
    ["a status above 599", "HTTP/1.1 999 No\r\n\r\n"],
    ["a status below 100", "HTTP/1.1 099 No\r\n\r\n"],
    ["two spaces", "HTTP/1.1  200 OK\r\n\r\n"],
    ["a control in the reason", "HTTP/1.1 200 O\u0000K\r\n\r\n"],
    ["a bare LF", "HTTP/1.1 200 OK\nX-A: 1\r\n\r\n"],
    ["a bare CR", "HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\n\r\n"],
    ["a bare LF in a value", "HTTP/1.1 200 OK\r\nX-A: 1\nX-B: 2\r\n\r\n"],
    ["a folded line", "HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\n\r\n"],
    ["a space before the colon", "HTTP/1.1 200 OK\r\nX-A : 1\r\n\r\n"],
    ["a line without a colon", "HTTP/1.1 200 OK\r\nX-A\r\n\r\n"],
    ["an empty name", "HTTP/1.1 200 OK\r\n: 1\r\n\r\n"],
    ["a NUL in a value", "HTTP/1.1 200 OK\r\nX-A: \u0000\r\n\r\n"],
    ["too many fields", `HTTP/1.1 200 OK\r\n${"X-A: 1\r\n".repeat(257)}\r\n`],
    ["a head that is too large", `HTTP/1.1 200 OK\r\nX-A: ${"a".repeat(MAX_HEAD_BYTES)}\r\n\r\n`],
    ["a head that never ends", `HTTP/1.1 200 OK\r\nX-A: ${"a".repeat(MAX_HEAD_BYTES)}`],
  ])("refuses %s", (_, text) => {
    expect(() => parse(text)).toThrowError(invalid);
  });

  it("takes a head of exactly the largest size", () => {
    const frame = "HTTP/1.1 200 OK\r\nX-A: \r\n\r\n";
    expect(parse(frame.replace("X-A: ", `X-A: ${"a".repeat(MAX_HEAD_BYTES - frame.length)}`))?.length).toBe(
      MAX_HEAD_BYTES,
    );
  });

  it("never throws anything but InvalidBackendAnswer", () => {
    const pieces = fc.oneof(
      fc.constantFrom("HTTP/1.1 ", "101", " ", "\r\n", "\r\n\r\n", "X-A", ":", "\r", "\n"),
      fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes)),
    );
    const outcomeOf = (text: string): string => {
      try {
        parse(text);
        return "parsed";
      } catch (error) {
        return error instanceof ProxyError && error.failure === "InvalidBackendAnswer" ? "refused" : "another error";
      }
    };
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        expect(outcomeOf(parts.join(""))).not.toBe("another error");
      }),
      { numRuns: 1_000 },
    );
  });
});
