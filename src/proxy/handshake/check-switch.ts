import { hash } from "node:crypto";
import { ProxyError } from "../../base/failures.ts";
import type { WebSocketOffer } from "../../base/request-facts.ts";
import type { RelaySettings } from "../relay/relay.ts";
import { connectionOptions, groupFields } from "./header-fields.ts";
import { parseExtensions } from "./parse-extensions.ts";
import type { ResponseHead } from "./parse-response-head.ts";

/** What client and backend agreed on. */
export type Agreement = {
  readonly subprotocol: string | null;
  /** For the relay: which RSV bits the frames may carry. */
  readonly extensions: RelaySettings["extensions"];
};

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The Sec-WebSocket-Accept that answers a key (RFC 6455 4.2.2). */
export function acceptFor(key: string): string {
  return hash("sha1", key + GUID, "base64");
}

/**
 * Checks a 101 as a client would (RFC 6455 4.1): tokens, Accept, and nothing agreed that was not offered.
 * Throws ProxyError InvalidBackendAnswer.
 */
export function checkSwitch(head: ResponseHead, offer: WebSocketOffer): Agreement {
  const headers = groupFields(head.fields);
  if (head.minor !== 1) throw invalid("it is HTTP/1.0");
  if (only(headers, "upgrade")?.toLowerCase() !== "websocket") throw invalid("its Upgrade field is not websocket");
  requireConnection(headers);
  if (only(headers, "sec-websocket-accept") !== acceptFor(offer.key)) {
    throw invalid("its Sec-WebSocket-Accept field does not answer the key");
  }
  return { subprotocol: readSubprotocol(headers, offer), extensions: readExtensions(headers, offer) };
}

type Headers = ReadonlyMap<string, readonly string[]>;

function requireConnection(headers: Headers): void {
  const options = connectionOptions(headers.get("connection"));
  if (!options.has("upgrade")) throw invalid("its Connection field lacks upgrade");
  if ([...options].some((option) => option.startsWith("sec-websocket-"))) {
    throw invalid("its Connection field names a field of the handshake");
  }
}

function readSubprotocol(headers: Headers, offer: WebSocketOffer): string | null {
  if (!headers.has("sec-websocket-protocol")) return null;
  const chosen = only(headers, "sec-websocket-protocol");
  if (chosen === null || !offer.subprotocols.includes(chosen)) throw invalid("its subprotocol was never offered");
  return chosen;
}

function readExtensions(headers: Headers, offer: WebSocketOffer): RelaySettings["extensions"] {
  const agreed = parseExtensions(headers.get("sec-websocket-extensions") ?? []);
  if (agreed === null) throw invalid("its Sec-WebSocket-Extensions field is malformed");
  if (!agreed.every((name) => offer.extensions.includes(name))) throw invalid("an extension was never offered");
  if (new Set(agreed).size !== agreed.length) throw invalid("an extension is agreed on twice");
  if (agreed.length === 0) return "none";
  return agreed.length === 1 && agreed[0] === "permessage-deflate" ? "deflate" : "other";
}

function only(headers: Headers, name: string): string | null {
  const values = headers.get(name) ?? [];
  return values.length === 1 ? (values[0] ?? null) : null;
}

function invalid(what: string): ProxyError {
  return new ProxyError("InvalidBackendAnswer", `the 101 is not valid: ${what}`);
}
