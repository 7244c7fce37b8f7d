import { describe, expect, it } from "vitest";
import type { Field } from "../../../src/base/request-facts.ts";
import {
  formatAuthority,
  parseAuthority,
  readAuthority,
  type TargetAuthority,
} from "../../../src/proxy/handshake/read-authority.ts";

const badRequest = expect.objectContaining({ failure: "BadRequest" });
const host = (value: string): readonly Field[] => [["Host", value]];

describe("parseAuthority", () => {
  it.each([
    ["a.example", "a.example", null],
    ["A.EXAMPLE.", "a.example", null],
    ["a.example:8080", "a.example", 8080],
    ["a.example:", "a.example", null],
    ["a_b.example", "a_b.example", null],
    ["192.0.2.1:80", "192.0.2.1", 80],
    ["[2001:DB8:0:0::1]:443", "[2001:db8::1]", 443],
    ["[::1]", "[::1]", null],
    [`${"a".repeat(63)}.example`, `${"a".repeat(63)}.example`, null],
  ])("reads %s", (written, name, port) => {
    expect(parseAuthority(written)).toEqual({ host: name, port });
  });

  it.each([
    "",
    ".",
    ":80",
    "a@b",
    "user:pass@a.example",
    "a.example:abc",
    "a.example:0",
    "a.example:65536",
    "a.example:080000",
    "a..example",
    ".example",
    "a.example..",
    "a example",
    "a/b",
    "a.example,b.example",
    "%61.example",
    "caf\u00e9.example",
    "-a.example",
    "a-.example",
    "[::1",
    "[fe80::1%25eth0]",
    "[192.0.2.1]",
    "::1",
    "[::1]x",
    `${"a".repeat(64)}.example`,
    "a".repeat(300),
    "a.".repeat(128),
  ])("refuses %j", (written) => {
    expect(parseAuthority(written)).toBeNull();
  });
});

describe("readAuthority", () => {
  it("refuses a request without a Host field, and one with two", () => {
    expect(() => readAuthority([["X-A", "b"]], null)).toThrowError(badRequest);
    expect(() => readAuthority([...host("a.example"), ["host", "a.example"]], null)).toThrowError(badRequest);
  });

  it("takes an absolute-form target only if it repeats the Host field", () => {
    const http = (written: string): TargetAuthority => ({ written, defaultPort: 80 });
    expect(readAuthority(host("A.example:80"), http("a.EXAMPLE:80"))).toEqual({ host: "a.example", port: 80 });
    for (const other of ["b.example:80", "a.example:81", "x@a.example:80", ""]) {
      expect(() => readAuthority(host("a.example:80"), http(other))).toThrowError(badRequest);
    }
  });

  it("takes the scheme's own port for one that is not written", () => {
    for (const [field, written] of [
      ["a.example", "a.example:443"],
      ["a.example:443", "a.example"],
    ] as const) {
      expect(readAuthority(host(field), { written, defaultPort: 443 }).host).toBe("a.example");
      expect(() => readAuthority(host(field), { written, defaultPort: 80 })).toThrowError(badRequest);
    }
  });
});

describe("formatAuthority", () => {
  it("writes the port only where there was one", () => {
    expect(formatAuthority({ host: "a.example", port: null })).toBe("a.example");
    expect(formatAuthority({ host: "[::1]", port: 81 })).toBe("[::1]:81");
  });
});
