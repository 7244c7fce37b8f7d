import { describe, expect, it } from "vitest";
import type { Field, WebSocketOffer } from "../../../src/base/request-facts.ts";
import { acceptFor, checkSwitch } from "../../../src/proxy/handshake/check-switch.ts";
import { SAMPLE_ACCEPT, SAMPLE_KEY } from "../../harness/incoming-request.ts";

const offer: WebSocketOffer = {
  key: SAMPLE_KEY,
  subprotocols: ["v2", "v1"],
  extensions: ["permessage-deflate", "x-other", "permessage-deflate"],
};
const good: readonly Field[] = [
  ["Upgrade", "websocket"],
  ["Connection", "Upgrade"],
  ["Sec-WebSocket-Accept", SAMPLE_ACCEPT],
];
const bare: WebSocketOffer = { ...offer, subprotocols: [], extensions: [] };

function check(fields: readonly Field[], offered = offer, minor: 0 | 1 = 1): ReturnType<typeof checkSwitch> {
  return checkSwitch({ minor, status: 101, reason: "", fields }, offered);
}

describe("acceptFor", () => {
  it("answers the key of RFC 6455 1.3", () => {
    expect(acceptFor(SAMPLE_KEY)).toBe(SAMPLE_ACCEPT);
  });
});

describe("checkSwitch", () => {
  it.each<[string, readonly Field[], ReturnType<typeof checkSwitch>]>([
    ["nothing", good, { subprotocol: null, extensions: "none" }],
    ["a subprotocol", [...good, ["Sec-WebSocket-Protocol", "v1"]], { subprotocol: "v1", extensions: "none" }],
    [
      "permessage-deflate",
      [...good, ["Sec-WebSocket-Extensions", "permessage-deflate; server_no_context_takeover"]],
      { subprotocol: null, extensions: "deflate" },
    ],
    [
      "another extension",
      [...good, ["Sec-WebSocket-Extensions", "x-other"]],
      { subprotocol: null, extensions: "other" },
    ],
    [
      "two extensions",
      [...good, ["Sec-WebSocket-Extensions", "x-other, Permessage-Deflate"]],
      { subprotocol: null, extensions: "other" },
    ],
    [
      "other casing",
      [["upgrade", "WebSocket"], ["connection", "foo, UPGRADE"], ...good.slice(2)],
      { subprotocol: null, extensions: "none" },
    ],
  ])("takes a 101 that agrees to %s", (_, fields, agreement) => {
    expect(check(fields)).toEqual(agreement);
  });

  it.each<[string, readonly Field[]]>([
    ["no Upgrade", good.slice(1)],
    ["another Upgrade", [["Upgrade", "h2c"], ...good.slice(1)]],
    ["a list in Upgrade", [["Upgrade", "websocket, h2c"], ...good.slice(1)]],
    ["two Upgrades", [["Upgrade", "websocket"], ...good]],
    ["no Connection", good.filter(([name]) => name !== "Connection")],
    ["another Connection", [...good.filter(([name]) => name !== "Connection"), ["Connection", "close"]]],
    ["a Connection that names a handshake field", [...good, ["Connection", "sec-websocket-accept"]]],
    ["no Accept", good.slice(0, 2)],
    ["a wrong Accept", [...good.slice(0, 2), ["Sec-WebSocket-Accept", acceptFor("AAAAAAAAAAAAAAAAAAAAAA==")]]],
    ["an Accept in other casing", [...good.slice(0, 2), ["Sec-WebSocket-Accept", SAMPLE_ACCEPT.toLowerCase()]]],
    ["two Accepts", [...good, ["Sec-WebSocket-Accept", SAMPLE_ACCEPT]]],
    ["a subprotocol never offered", [...good, ["Sec-WebSocket-Protocol", "v3"]]],
    ["a subprotocol in other casing", [...good, ["Sec-WebSocket-Protocol", "V1"]]],
    ["two subprotocols", [...good, ["Sec-WebSocket-Protocol", "v1, v2"]]],
    ["an empty subprotocol", [...good, ["Sec-WebSocket-Protocol", ""]]],
    ["an extension never offered", [...good, ["Sec-WebSocket-Extensions", "x-new"]]],
    [
      "an offered and a new extension",
      [...good, ["Sec-WebSocket-Extensions", "x-other"], ["Sec-WebSocket-Extensions", "x-new"]],
    ],
    ["an extension twice", [...good, ["Sec-WebSocket-Extensions", "x-other, x-other"]]],
    ["a malformed extension", [...good, ["Sec-WebSocket-Extensions", "x-other; ="]]],
  ])("refuses a 101 with %s", (_, fields) => {
    expect(() => check(fields)).toThrowError(expect.objectContaining({ failure: "InvalidBackendAnswer", status: 502 }));
  });

  it("refuses whatever is agreed to when nothing was offered, and a 101 of HTTP/1.0", () => {
    const refused = expect.objectContaining({ failure: "InvalidBackendAnswer" });
    expect(() => check([...good, ["Sec-WebSocket-Protocol", "v1"]], bare)).toThrowError(refused);
    expect(() => check([...good, ["Sec-WebSocket-Extensions", "permessage-deflate"]], bare)).toThrowError(refused);
    expect(() => check([...good, ["Sec-WebSocket-Extensions", "constructor"]], bare)).toThrowError(refused);
    expect(() => check(good, offer, 0)).toThrowError(refused);
  });
});
