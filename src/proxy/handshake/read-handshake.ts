import { ProxyError } from "../../base/failures.ts";
import { isToken } from "../../base/field-names.ts";
import type { Handshake, RequestFacts, WebSocketOffer } from "../../base/request-facts.ts";
import { connectionOptions, listElements } from "./header-fields.ts";
import { parseExtensions } from "./parse-extensions.ts";
import { type Caller, type RequestHead, readRequest } from "./read-request.ts";

// 24 characters that decode to 16 bytes (RFC 6455 4.1); not every client zeroes the last four bits.
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/**
 * A WebSocket handshake, or the reason why it is none, by the order of RFC 6455 4.2.1. Decides by header fields alone:
 * where Node puts a forbidden body differs between its lines. `known` is told what was asked for, also if it is refused.
 * Throws ProxyError and nothing else.
 */
export function readHandshake(
  request: RequestHead,
  caller: Caller,
  known: (facts: RequestFacts) => void = () => {},
): Handshake {
  if (request.method !== "GET") {
    throw new ProxyError("MethodNotAllowed", "the handshake's method is not GET", [["Allow", "GET"]]);
  }
  requireHttp11(request);
  const facts = readRequest(request, caller);
  known(facts);
  requireNoBody(facts);
  requireUpgrade(facts);
  return { ...facts, webSocket: readOffer(facts) };
}

function requireHttp11(request: RequestHead): void {
  if (request.httpVersionMajor !== 1 || request.httpVersionMinor < 1) {
    throw new ProxyError("BadRequest", "the handshake is not HTTP/1.1");
  }
}

function requireNoBody(facts: RequestFacts): void {
  if (facts.headers.has("transfer-encoding")) throw new ProxyError("BadRequest", "the handshake has a body");
  const lengths = facts.headers.get("content-length") ?? [];
  if (lengths.some((length) => !/^0+$/.test(length.trim()))) {
    throw new ProxyError("BadRequest", "the handshake has a body");
  }
  if (facts.headers.has("expect")) throw new ProxyError("ExpectationFailed", "the handshake has an Expect field");
}

function requireUpgrade(facts: RequestFacts): void {
  if (requireOne(facts, "upgrade").toLowerCase() !== "websocket") {
    throw new ProxyError("BadRequest", "the Upgrade field is not exactly websocket");
  }
  if (!connectionOptions(facts.headers.get("connection")).has("upgrade")) {
    throw new ProxyError("BadRequest", "the Connection field lacks upgrade");
  }
}

function readOffer(facts: RequestFacts): WebSocketOffer {
  const key = requireOne(facts, "sec-websocket-key");
  if (!KEY.test(key)) throw new ProxyError("BadRequest", "the Sec-WebSocket-Key field is not 16 bytes in base64");
  if (requireOne(facts, "sec-websocket-version") !== "13") {
    throw new ProxyError("UnsupportedVersion", "the Sec-WebSocket-Version field is not 13", [
      ["Sec-WebSocket-Version", "13"],
    ]);
  }
  return { key, subprotocols: readSubprotocols(facts), extensions: readExtensions(facts) };
}

function readSubprotocols(facts: RequestFacts): readonly string[] {
  const written = facts.headers.get("sec-websocket-protocol");
  const subprotocols = listElements(written);
  const valid = subprotocols.every(isToken) && new Set(subprotocols).size === subprotocols.length;
  if (!valid || (written !== undefined && subprotocols.length === 0)) {
    throw new ProxyError("BadRequest", "the Sec-WebSocket-Protocol field is malformed");
  }
  return subprotocols;
}

function readExtensions(facts: RequestFacts): readonly string[] {
  const extensions = parseExtensions(facts.headers.get("sec-websocket-extensions") ?? []);
  if (extensions === null) throw new ProxyError("BadRequest", "the Sec-WebSocket-Extensions field is malformed");
  return extensions;
}

function requireOne(facts: RequestFacts, name: string): string {
  const values = facts.headers.get(name) ?? [];
  const [value] = values;
  if (value === undefined) throw new ProxyError("BadRequest", `the ${name} field is missing`);
  if (values.length > 1) throw new ProxyError("BadRequest", `there is more than one ${name} field`);
  return value.trim();
}
