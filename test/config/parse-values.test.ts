import { describe, expect, test } from "vitest";
import {
  parseCidr,
  parseCollector,
  parseInteger,
  parseListenAddress,
  parseNamespacedName,
  parseRatio,
} from "../../src/config/parse-values.ts";

describe("a listen address", () => {
  test.each([
    ["127.0.0.1:8080", "127.0.0.1", 8080],
    ["[::1]:8443", "::1", 8443],
    ["[::]:80", "::", 80],
    [":0", "::", 0],
    ["localhost:65535", "localhost", 65535],
  ])("%s is host %s and port %i", (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ ok: true, value: { host, port } });
  });

  test.each([
    "",
    "8080",
    "127.0.0.1",
    "127.0.0.1:65536",
    "::1:80",
    "[::1]",
    "[127.0.0.1]:80",
    "1.2.3:80",
    "a b:80",
    "[]:80",
    "x:-1",
    "x:80:",
  ])("%j is refused with the form that was expected", (text) => {
    expect(parseListenAddress(text)).toEqual({ ok: false, expected: expect.stringContaining("HOST:PORT") });
  });
});

describe("a network", () => {
  test.each([
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["192.0.2.7", "192.0.2.7/32"],
    ["fd00::/8", "fd00::/8"],
    ["::1", "::1/128"],
    ["0.0.0.0/0", "0.0.0.0/0"],
  ])("%s is %s", (text, value) => {
    expect(parseCidr(text)).toEqual({ ok: true, value });
  });

  test.each([
    "",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0/8",
    "::/129",
    "10.0.0.0/8/8",
    "example.com",
    "10.0.0.0/-1",
    "10.0.0.0/1e1",
  ])("%j is refused", (text) => {
    expect(parseCidr(text).ok).toBe(false);
  });
});

test("an integer keeps to its bounds", () => {
  expect(parseInteger("1024", 1024, 2048)).toEqual({ ok: true, value: 1024 });
  for (const text of ["1023", "2049", "", "0x400", "1024.5", "-1", "1e3"]) {
    expect(parseInteger(text, 1024, 2048)).toEqual({ ok: false, expected: "a whole number from 1024 to 2048" });
  }
});

test("a namespaced name has exactly one slash", () => {
  expect(parseNamespacedName("edge/default-tls")).toEqual({
    ok: true,
    value: { namespace: "edge", name: "default-tls" },
  });
  for (const text of ["default-tls", "a/b/c", "/b", "a/", "A/b", "a/B"])
    expect(parseNamespacedName(text).ok).toBe(false);
});

test("a ratio is a number from 0 to 1", () => {
  for (const [text, value] of [
    ["0", 0],
    ["1", 1],
    ["0.25", 0.25],
    [".5", 0.5],
    ["1.0", 1],
  ] as const) {
    expect(parseRatio(text)).toEqual({ ok: true, value });
  }
  for (const text of ["", ".", "-0", "1.1", "2", "0,5", "50%", "1e-3", "NaN", "Infinity"]) {
    expect([text, parseRatio(text).ok]).toEqual([text, false]);
  }
});

test("a collector is the base URL of its paths", () => {
  for (const [text, value] of [
    ["http://collector:4318", "http://collector:4318/v1/traces"],
    ["https://collector.example/", "https://collector.example/v1/traces"],
    ["http://[::1]:4318/otlp//", "http://[::1]:4318/otlp/v1/traces"],
    ["http://collector:4318/v1/traces", "http://collector:4318/v1/traces"],
  ] as const) {
    expect(parseCollector(text)).toEqual({ ok: true, value });
  }
  for (const text of [
    "",
    "collector:4318",
    "grpc://collector:4317",
    "http://",
    "http://u@h",
    "http://u:p@h",
    "http://h?a",
    "http://h#a",
  ]) {
    expect([text, parseCollector(text).ok]).toEqual([text, false]);
  }
});
