import { describe, expect, it } from "vitest";
import type { Field } from "../../../src/base/request-facts.ts";
import {
  connectionOptions,
  editFields,
  endToEndFields,
  formatHead,
  groupFields,
  listElements,
  readFields,
  requireHarmlessConnection,
} from "../../../src/proxy/handshake/header-fields.ts";

describe("readFields", () => {
  it("keeps casing, order and duplicates, and leaves out names with an underscore", () => {
    expect(readFields(["X-B", "1", "x-a", "2", "X-b", "3", "x_forwarded_for", "4", "__proto__", "5"])).toEqual([
      ["X-B", "1"],
      ["x-a", "2"],
      ["X-b", "3"],
    ]);
  });
});

describe("groupFields", () => {
  it("groups by name in lower case, also names like those of members of objects", () => {
    const groups = groupFields([
      ["X-A", "1"],
      ["constructor", "2"],
      ["x-a", "3"],
    ]);
    expect(groups.get("x-a")).toEqual(["1", "3"]);
    expect(groups.get("constructor")).toEqual(["2"]);
    expect(groups.get("toString")).toBeUndefined();
  });
});

describe("listElements", () => {
  it("splits at commas over all values, and drops what is empty", () => {
    expect(listElements(["a, b", "", ",,c ,"])).toEqual(["a", "b", "c"]);
    expect(listElements(undefined)).toEqual([]);
  });
});

describe("requireHarmlessConnection", () => {
  it.each([
    "host",
    "Cookie",
    "AUTHORIZATION",
    "origin",
    "forwarded",
    "x-real-ip",
    "x-request-id",
    "X-Forwarded-For",
    "x-forwarded-anything",
    "sec-websocket-key",
    "Sec-WebSocket-Version",
    "content-length",
  ])("refuses a Connection field that names %s", (name) => {
    const headers = groupFields([["Connection", `upgrade, ${name}`]]);
    expect(() => requireHarmlessConnection(headers)).toThrowError(expect.objectContaining({ failure: "BadRequest" }));
  });

  it("takes options and other names, over several fields", () => {
    const headers = groupFields([
      ["Connection", "Upgrade, HTTP2-Settings"],
      ["connection", "X-Private"],
    ]);
    expect(() => requireHarmlessConnection(headers)).not.toThrow();
    expect([...connectionOptions(["Upgrade, HTTP2-Settings", "X-Private"])]).toEqual([
      "upgrade",
      "http2-settings",
      "x-private",
    ]);
  });
});

describe("endToEndFields", () => {
  it("drops hop-by-hop fields and those that Connection names", () => {
    const fields: readonly Field[] = [
      ["Host", "a.example"],
      ["Connection", "Upgrade, x-private"],
      ["connection", "X-Other"],
      ["Upgrade", "websocket"],
      ["HTTP2-Settings", "AAMAAABk"],
      ["Keep-Alive", "timeout=5"],
      ["TE", "trailers"],
      ["Trailer", "X-T"],
      ["Proxy-Connection", "keep-alive"],
      ["Proxy-Authorization", "Basic AAAA"],
      ["X-PRIVATE", "1"],
      ["x-other", "2"],
      ["X-Kept", "3"],
      ["x-kept", "4"],
    ];
    expect(endToEndFields(fields)).toEqual([
      ["Host", "a.example"],
      ["X-Kept", "3"],
      ["x-kept", "4"],
    ]);
  });
});

describe("editFields", () => {
  it("removes, sets and adds, in this order", () => {
    const fields: readonly Field[] = [
      ["X-Gone", "1"],
      ["x-set", "2"],
      ["X-Set", "3"],
      ["X-More", "4"],
    ];
    const edits = {
      remove: ["x-GONE", "X-Set"],
      set: [["X-Set", "5"] as const],
      add: [["X-More", "6"] as const, ["X-Gone", "7"] as const],
    };
    expect(editFields(fields, edits)).toEqual([
      ["X-More", "4"],
      ["X-Set", "5"],
      ["X-More", "6"],
      ["X-Gone", "7"],
    ]);
  });

  it("never touches framing, hop-by-hop and handshake fields", () => {
    const fields: readonly Field[] = [
      ["Host", "a.example"],
      ["Sec-WebSocket-Key", "k"],
      ["Sec-WebSocket-Protocol", "p"],
    ];
    const names = ["Host", "Connection", "Upgrade", "Transfer-Encoding", "Content-Length", "Sec-WebSocket-Key"];
    const written = names.map((name) => [name, "evil"] as const);
    expect(editFields(fields, { remove: [...names, "Sec-WebSocket-Protocol"], set: written, add: written })).toEqual(
      fields,
    );
  });
});

describe("formatHead", () => {
  it("writes a head, byte for byte in Latin-1", () => {
    expect(formatHead("GET / HTTP/1.1", [["X-\u00e9", "caf\u00e9"]])).toEqual(
      Buffer.from("GET / HTTP/1.1\r\nX-\u00e9: caf\u00e9\r\n\r\n", "latin1"),
    );
  });

  // U+010D and U+010A become CR and LF in Latin-1.
  it.each(["a\r\nX-Evil: 1", "a\nb", "a\u0000b", "a\u010d\u010aX-Evil: 1", "\u20ac"])("does not write %j", (value) => {
    expect(() => formatHead("GET / HTTP/1.1", [["X-A", value]])).toThrowError(TypeError);
    expect(() => formatHead(`GET /${value} HTTP/1.1`, [])).toThrowError(TypeError);
  });
});
