import { describe, expect, it } from "vitest";
import { type Caller, readCaller, readRequest } from "../../../src/proxy/handshake/read-request.ts";
import { createTrustedProxies, trustNobody } from "../../../src/proxy/handshake/trusted-proxies.ts";
import { requestFacts } from "../../harness/build-table.ts";
import { incomingRequest, type RequestChanges } from "../../harness/incoming-request.ts";

const caller: Caller = { ...requestFacts(), trace: null };
const badRequest = expect.objectContaining({ failure: "BadRequest" });

describe("readRequest", () => {
  it.each<[RequestChanges, { readonly path: string; readonly query: string }]>([
    [{ url: "/a?b" }, { path: "/a", query: "?b" }],
    [
      { url: "*", method: "OPTIONS" },
      { path: "*", query: "" },
    ],
    [{ url: "http://a.example" }, { path: "/", query: "" }],
    [{ url: "HTTPS://A.EXAMPLE?b" }, { path: "/", query: "?b" }],
    [{ url: "http://a.example/%61/?b" }, { path: "/a/", query: "?b" }],
    [{ url: "//a.example/x" }, { path: "//a.example/x", query: "" }],
    [{ minor: 0 }, { path: "/", query: "" }],
  ])("of %j gives %j", (changes, target) => {
    const facts = readRequest(incomingRequest(changes), caller);
    expect(facts).toMatchObject({ ...target, host: "a.example", webSocket: null });
  });

  it.each([
    "*",
    "",
    "a.example:80",
    "http://",
    "ftp://a.example/",
    "http://a.example#b",
    "http://a@a.example/",
    "http:/a",
  ])("refuses the target %j", (url) => {
    expect(() => readRequest(incomingRequest({ url }), caller)).toThrowError(badRequest);
  });
});

describe("readCaller", () => {
  const { arrival } = requestFacts();
  const claims: RequestChanges = {
    more: [
      ["X-Request-Id", "outer-1"],
      ["X-Forwarded-For", "203.0.113.9"],
    ],
  };

  it("believes nothing of an untrusted peer", () => {
    const settings = { trustedProxies: trustNobody, nextRequestId: () => "own-1" };
    expect(readCaller(incomingRequest(claims), arrival, settings)).toEqual({
      id: "own-1",
      trace: null,
      arrival,
      clientAddress: "192.0.2.1",
    });
  });

  it("believes a trusted peer, but keeps no id that could forge a log line", () => {
    const settings = { trustedProxies: createTrustedProxies(["192.0.2.1"]), nextRequestId: () => "own-1" };
    expect(readCaller(incomingRequest(claims), arrival, settings)).toEqual({
      id: "outer-1",
      trace: null,
      arrival,
      clientAddress: "203.0.113.9",
    });
    const forged = incomingRequest({ more: [["X-Request-Id", 'x"} {"level":"error"']] });
    expect(readCaller(forged, arrival, settings).id).toBe("own-1");
  });
});
