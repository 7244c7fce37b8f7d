import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FailureName, ProxyError } from "../../../src/base/failures.ts";
import type { Field, Handshake } from "../../../src/base/request-facts.ts";
import { readHandshake } from "../../../src/proxy/handshake/read-handshake.ts";
import type { Caller } from "../../../src/proxy/handshake/read-request.ts";
import { requestFacts } from "../../harness/build-table.ts";
import { incomingRequest, type RequestChanges, SAMPLE_KEY } from "../../harness/incoming-request.ts";

const caller: Caller = { ...requestFacts(), trace: null };

function read(changes: RequestChanges = {}): Handshake {
  return readHandshake(incomingRequest(changes), caller);
}

describe("the ladder of RFC 6455 4.2.1", () => {
  it("reads a good handshake", () => {
    const handshake = read({
      url: "/ch%61t?token=%61",
      change: { Host: "A.example:8080" },
      more: [
        ["Sec-WebSocket-Protocol", "chat, superchat"],
        ["sec-websocket-protocol", "v2"],
        ["Sec-WebSocket-Extensions", 'permessage-deflate; client_max_window_bits, X-Foo; a="b"'],
      ],
    });
    expect(handshake).toMatchObject({
      id: caller.id,
      method: "GET",
      host: "a.example",
      port: 8080,
      path: "/chat",
      query: "?token=%61",
      webSocket: {
        key: SAMPLE_KEY,
        subprotocols: ["chat", "superchat", "v2"],
        extensions: ["permessage-deflate", "x-foo"],
      },
    });
  });

  const rungs: readonly (readonly [string, RequestChanges, FailureName, string])[] = [
    ["another method", { method: "POST" }, "MethodNotAllowed", "the handshake's method is not GET"],
    ["HTTP/1.0", { minor: 0 }, "BadRequest", "the handshake is not HTTP/1.1"],
    ["no Host", { change: { Host: null } }, "BadRequest", "the Host field is missing"],
    ["two Hosts", { more: [["host", "a.example"]] }, "BadRequest", "there is more than one Host field"],
    ["an invalid Host", { change: { Host: "a@b" } }, "BadRequest", "the Host field is not a valid host"],
    [
      "an absolute-form target for another host",
      { url: "http://b.example/" },
      "BadRequest",
      "the request target's authority differs from the Host field",
    ],
    ["an asterisk", { url: "*" }, "BadRequest", "the request target is in no form that is served here"],
    ["a dot segment", { url: "/a/%2e%2e/b" }, "BadRequest", "the path contains a dot segment"],
    [
      "a Connection that names Cookie",
      { change: { Connection: "upgrade, cookie" } },
      "BadRequest",
      "the Connection field names a protected field",
    ],
    ["a Content-Length", { more: [["Content-Length", "5"]] }, "BadRequest", "the handshake has a body"],
    [
      "two Content-Lengths of which one is 0",
      {
        more: [
          ["Content-Length", "0"],
          ["Content-Length", "5"],
        ],
      },
      "BadRequest",
      "the handshake has a body",
    ],
    ["a chunked body", { more: [["Transfer-Encoding", "chunked"]] }, "BadRequest", "the handshake has a body"],
    ["an unknown coding", { more: [["transfer-encoding", "identity"]] }, "BadRequest", "the handshake has a body"],
    ["Expect", { more: [["Expect", "100-continue"]] }, "ExpectationFailed", "the handshake has an Expect field"],
    ["no Upgrade", { change: { Upgrade: null } }, "BadRequest", "the upgrade field is missing"],
    ["h2c", { change: { Upgrade: "h2c" } }, "BadRequest", "the Upgrade field is not exactly websocket"],
    ["a list", { change: { Upgrade: "h2c, websocket" } }, "BadRequest", "the Upgrade field is not exactly websocket"],
    [
      "a list again",
      { change: { Upgrade: "websocket, h2c" } },
      "BadRequest",
      "the Upgrade field is not exactly websocket",
    ],
    ["two Upgrades", { more: [["Upgrade", "websocket"]] }, "BadRequest", "there is more than one upgrade field"],
    ["no Connection", { change: { Connection: null } }, "BadRequest", "the Connection field lacks upgrade"],
    [
      "another Connection",
      { change: { Connection: "keep-alive" } },
      "BadRequest",
      "the Connection field lacks upgrade",
    ],
    ["no key", { change: { "Sec-WebSocket-Key": null } }, "BadRequest", "the sec-websocket-key field is missing"],
    [
      "two keys",
      { more: [["Sec-WebSocket-Key", SAMPLE_KEY]] },
      "BadRequest",
      "there is more than one sec-websocket-key field",
    ],
    [
      "a short key",
      { change: { "Sec-WebSocket-Key": "c2hvcnQ=" } },
      "BadRequest",
      "the Sec-WebSocket-Key field is not 16 bytes in base64",
    ],
    [
      "a long key",
      { change: { "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAAA=" } },
      "BadRequest",
      "the Sec-WebSocket-Key field is not 16 bytes in base64",
    ],
    [
      "no version",
      { change: { "Sec-WebSocket-Version": null } },
      "BadRequest",
      "the sec-websocket-version field is missing",
    ],
    [
      "version 1337",
      { change: { "Sec-WebSocket-Version": "1337" } },
      "UnsupportedVersion",
      "the Sec-WebSocket-Version field is not 13",
    ],
    [
      "version 8",
      { change: { "Sec-WebSocket-Version": "8" } },
      "UnsupportedVersion",
      "the Sec-WebSocket-Version field is not 13",
    ],
    [
      "a list of versions",
      { change: { "Sec-WebSocket-Version": "13, 8" } },
      "UnsupportedVersion",
      "the Sec-WebSocket-Version field is not 13",
    ],
    [
      "a subprotocol that is no token",
      { more: [["Sec-WebSocket-Protocol", "a b"]] },
      "BadRequest",
      "the Sec-WebSocket-Protocol field is malformed",
    ],
    [
      "a subprotocol twice",
      { more: [["Sec-WebSocket-Protocol", "a, b, a"]] },
      "BadRequest",
      "the Sec-WebSocket-Protocol field is malformed",
    ],
    [
      "an empty list of subprotocols",
      { more: [["Sec-WebSocket-Protocol", ", "]] },
      "BadRequest",
      "the Sec-WebSocket-Protocol field is malformed",
    ],
    [
      "an extension with a hole in its quotes",
      { more: [["Sec-WebSocket-Extensions", 'x; a="b']] },
      "BadRequest",
      "the Sec-WebSocket-Extensions field is malformed",
    ],
  ];
  it.each(rungs)("refuses %s", (_, changes, failure, detail) => {
    expect(failureOf(changes)).toMatchObject({ failure, detail });
  });

  it.each<[string, RequestChanges]>([
    ["any case of Upgrade and Connection", { change: { Upgrade: "WebSocket", Connection: "keep-alive, UPGRADE" } }],
    ["a Content-Length of 0", { more: [["Content-Length", "0"]] }],
    ["an absolute-form target that repeats Host", { url: "ws://A.EXAMPLE/chat" }],
    [
      "extensions named like members of objects",
      { more: [["Sec-WebSocket-Extensions", "constructor, __proto__, toString"]] },
    ],
    [
      "fields named like members of objects",
      {
        more: [
          ["constructor", "x"],
          ["hasOwnProperty", "y"],
        ],
      },
    ],
  ])("takes %s", (_, changes) => {
    expect(read(changes).webSocket.key).toBe(SAMPLE_KEY);
  });

  it("names the version that it wants, and the method", () => {
    expect(failureOf({ change: { "Sec-WebSocket-Version": "7" } }).headers).toEqual([["Sec-WebSocket-Version", "13"]]);
    expect(failureOf({ method: "PUT" }).headers).toEqual([["Allow", "GET"]]);
  });

  it("never throws anything but a ProxyError of the client's fault", () => {
    // Node reads heads as Latin-1.
    const latin1 = fc
      .array(fc.integer({ min: 0, max: 255 }), { maxLength: 20 })
      .map((codes) => String.fromCharCode(...codes));
    const broken: RequestChanges[] = [];
    const names = fc.oneof(
      fc.constantFrom("Host", "Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Content-Length"),
      fc.constantFrom("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Transfer-Encoding", "Expect", "__proto__"),
      latin1,
    );
    const values = fc.oneof(
      fc.constantFrom("a.example", "upgrade", "websocket", SAMPLE_KEY, "13", "0", 'a, b; c="d\\', "[::1]:80", ""),
      latin1,
    );
    const fields = fc.array(fc.tuple(names, values), { maxLength: 12 }) as fc.Arbitrary<readonly Field[]>;
    const urls = fc.oneof(fc.constantFrom("/", "*", "http://a.example", "//", "/%"), latin1);
    fc.assert(
      fc.property(fields, fields, urls, fc.constantFrom("GET", "OPTIONS", ""), (some, more, url, method) => {
        const outcomes = [
          { fields: some, url, method },
          { more, url, method },
        ].map(attempt);
        expect(outcomes).not.toContain("another error");
      }),
      { numRuns: 1_000 },
    );
    expect(broken).toEqual([]);
  });
});

function attempt(changes: RequestChanges): "taken" | "refused" | "another error" {
  try {
    read(changes);
    return "taken";
  } catch (error) {
    const refused = error instanceof ProxyError && error.status >= 400 && error.status < 500;
    return refused ? "refused" : "another error";
  }
}

function failureOf(changes: RequestChanges): ProxyError {
  try {
    read(changes);
  } catch (error) {
    if (error instanceof ProxyError) return error;
    throw error;
  }
  throw new Error("the handshake was taken");
}
