const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/u;
const VALUE = /^[!-~](?:[\t -~]*[!-~])?$/u;
const MAX_NAME_LENGTH = 256;
const MAX_VALUE_LENGTH = 4096;

const OURS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** True of a token (RFC 9110 5.6.2) of bounded length: a field name, or a subprotocol (RFC 6455 11.3.4). */
export function isToken(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && TOKEN.test(text);
}

/** Says what is wrong with the name of a field that a rule wants to change, or null. */
export function faultOfFieldName(name: string): string | null {
  if (!isToken(name)) return "is not a header field name";
  const lower = name.toLowerCase();
  if (OURS.has(lower) || lower.startsWith("sec-websocket-")) {
    return "frames the message or the handshake, and may not be changed";
  }
  return null;
}

/** True of a field value in visible ASCII, with spaces and tabs inside only, of at most 4096 characters. */
export function isFieldValue(value: string): boolean {
  return value.length <= MAX_VALUE_LENGTH && VALUE.test(value);
}
