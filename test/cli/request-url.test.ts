import { describe, expect, test } from "vitest";
import { bareHost, parseRequestUrl } from "../../src/cli/request-url.ts";

describe("the URL of a request", () => {
  test.each([
    ["ws://a.example", { scheme: "ws", host: "a.example", port: 80, authority: "a.example", target: "/" }],
    ["WSS://A.Example.:443/x", { secure: true, webSocket: true, host: "a.example", authority: "a.example" }],
    ["http://a:8080?q=1#part", { webSocket: false, port: 8080, authority: "a:8080", target: "/?q=1" }],
    ["https://[::1]:8443/", { host: "[::1]", authority: "[::1]:8443" }],
    ["ws://a/x/../y/%2e?b=/../c", { target: "/x/../y/%2e?b=/../c" }],
    ["ws://a/ü b?ü#ü", { target: "/%C3%BC%20b?%C3%BC" }],
    ["ws://bücher.example:81/", { host: "xn--bcher-kva.example", port: 81 }],
  ])("%s", (text, expected) => {
    expect(parseRequestUrl(text)).toMatchObject({ ok: true, value: expected });
  });

  test.each([
    "",
    "a.example/x",
    "ftp://a.example/",
    "ws:///x",
    "ws://user:s3cret@a.example/",
    "ws://a.example:0/",
    "ws://a.example:65536/",
    "ws://a b/",
    "ws://a.example/\uD800",
    "ws://[::1/",
    "ws://ü\u0000/",
    `ws://a.example/${"x".repeat(65_536)}`,
  ])("%j is none, and the error does not quote it", (text) => {
    const parsed = parseRequestUrl(text);
    expect(parsed).toEqual({ ok: false, expected: expect.stringContaining("wss://chat.example.com/socket") });
  });

  test("an IPv6 literal loses its brackets for sockets", () => {
    expect([bareHost("[::1]"), bareHost("a.example")]).toEqual(["::1", "a.example"]);
  });
});
