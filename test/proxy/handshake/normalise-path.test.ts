import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasEscapedSlash, normalisePath, readTarget } from "../../../src/proxy/handshake/normalise-path.ts";

describe("normalisePath", () => {
  it.each([
    ["/", "/"],
    ["/chat", "/chat"],
    ["/%63hat", "/chat"],
    ["/%7euser/%5F%2d%2E5", "/~user/_-.5"],
    ["/caf%c3%a9", "/caf%C3%A9"],
    ["/a%2fb", "/a%2Fb"],
    ["/a//b", "/a//b"],
    ["/a;v=1/b", "/a;v=1/b"],
    ["/a%3bb%3f%23", "/a%3Bb%3F%23"],
    ["/%252e%252e/", "/%252e%252e/"],
    ["/a..b/.hidden/x.", "/a..b/.hidden/x."],
    ["/...", "/..."],
    ["/a|b{c}", "/a|b{c}"],
  ])("makes %s into %s", (written, normal) => {
    expect(normalisePath(written)).toBe(normal);
  });

  it.each([
    "",
    "chat",
    "/a/../b",
    "/a/./b",
    "/..",
    "/.",
    "/%2e%2e/admin",
    "/.%2E/admin",
    "/a/..;x=1/admin",
    "/a/..%3bx/admin",
    "/a/..%2fadmin",
    "/a%2f..%2Fadmin",
    "/a\\b",
    "/a%5cb",
    "/a%5Cb",
    "/a%00",
    "/a%0d%0aX: y",
    "/a%1f",
    "/a%7F",
    "/a b",
    "/a\tb",
    "/a\u0000b",
    "/caf\u00e9",
    "/a%",
    "/a%2",
    "/a%zz",
    "/a#b",
  ])("refuses %j", (written) => {
    expect(() => normalisePath(written)).toThrowError(expect.objectContaining({ failure: "BadRequest" }));
  });

  it("is idempotent, and never gives a path that spells the same resource in two ways", () => {
    const escapes = fc.integer({ min: 0, max: 255 }).chain((code) => {
      const hex = code.toString(16).padStart(2, "0");
      return fc.constantFrom(`%${hex}`, `%${hex.toUpperCase()}`);
    });
    const pieces = fc.oneof(escapes, fc.constantFrom("/", ".", "..", ";", "//", "a", "B", "~", "%", "%2"));
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const written = `/${parts.join("")}`;
        let normal: string;
        try {
          normal = normalisePath(written);
        } catch {
          return;
        }
        expect(normalisePath(normal)).toBe(normal);
        expect(decodeLatin(normal)).toBe(decodeLatin(written));
        expect(normal).not.toMatch(/%[0-9A-F]?[a-f]/);
        expect(normal).not.toMatch(/%(?:2[DE]|5F|7E|3[0-9]|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A])/);
        expect(decodeLatin(normal).split("/")).not.toContain("..");
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("readTarget", () => {
  it("leaves the query exactly as it was written", () => {
    expect(readTarget("/%61?b=%2e%2E/../&c=%7e?d")).toEqual({ path: "/a", query: "?b=%2e%2E/../&c=%7e?d" });
    expect(readTarget("/a?")).toEqual({ path: "/a", query: "?" });
  });

  it.each(["/a?b c", "/a?\u0000", "/a?b#c", "/a?\u00e9"])("refuses %j", (written) => {
    expect(() => readTarget(written)).toThrowError(expect.objectContaining({ failure: "BadRequest" }));
  });
});

describe("hasEscapedSlash", () => {
  it("sees an escaped slash in a normalised path, and no doubly escaped one", () => {
    expect(hasEscapedSlash(normalisePath("/a%2fb"))).toBe(true);
    expect(hasEscapedSlash(normalisePath("/a%252Fb"))).toBe(false);
  });
});

function decodeLatin(path: string): string {
  return path.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
