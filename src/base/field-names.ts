/** Fields that are for the next peer alone: RFC 9110 7.6.1, and what older practice adds to it. In lower case. */
export const HOP_BY_HOP_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** Whether this is a token (RFC 9110 5.6.2), the alphabet of field names, subprotocols and extension names. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether a rule may set, add or remove a field of this name: framing, routing and the handshake itself are ours. */
export function isEditableField(name: string): boolean {
  const lower = name.toLowerCase();
  const isOurs = lower === "host" || lower === "content-length" || lower.startsWith("sec-websocket-");
  return !isOurs && !HOP_BY_HOP_FIELDS.has(lower);
}
