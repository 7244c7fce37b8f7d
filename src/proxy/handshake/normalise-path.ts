import { ProxyError } from "../../base/failures.ts";

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;
const ESCAPE = /%([0-9A-Fa-f]{2})?/g;
// What no URI may contain raw: controls, space, bytes above ASCII; `#` never reaches a server and `\` is a separator to some.
// oxlint-disable-next-line no-control-regex -- controls are the point
const FORBIDDEN = /[\u0000-\u0020#\\\u007f-\uffff]/;

/** The two parts of a request target. `path` is normalised; `query` has its leading `?`, or is empty, and is never changed. */
export type Target = { readonly path: string; readonly query: string };

/** Splits a target in origin form (RFC 9112 3.2.1) and normalises its path. Throws ProxyError BadRequest. */
export function readTarget(written: string): Target {
  if (FORBIDDEN.test(written)) throw new ProxyError("BadRequest", "the request target contains a forbidden character");
  const mark = written.indexOf("?");
  if (mark === -1) return { path: normalisePath(written), query: "" };
  return { path: normalisePath(written.slice(0, mark)), query: written.slice(mark) };
}

/**
 * The one normal form of a path (RFC 3986 6.2.2): escaped unreserved characters are decoded, other escapes upper-cased.
 * The result is what is matched and what is forwarded. `//`, `;` and `%2F` are kept as they are. Throws ProxyError
 * BadRequest for dot segments, backslashes, controls and broken escapes, however they are spelled.
 */
export function normalisePath(written: string): string {
  if (!written.startsWith("/")) throw new ProxyError("BadRequest", "the path does not begin with a slash");
  if (FORBIDDEN.test(written)) throw new ProxyError("BadRequest", "the path contains a forbidden character");
  const path = written.includes("%") ? written.replaceAll(ESCAPE, normaliseEscape) : written;
  if (hasDotSegment(path)) throw new ProxyError("BadRequest", "the path contains a dot segment");
  return path;
}

/** Whether a normalised path holds an escaped slash, which some backends take for a separator. */
export function hasEscapedSlash(path: string): boolean {
  return path.includes("%2F");
}

function normaliseEscape(escape: string, hex: string | undefined): string {
  if (hex === undefined) throw new ProxyError("BadRequest", "the path contains a broken percent escape");
  const code = Number.parseInt(hex, 16);
  if (code < 0x20 || code === 0x7f || code === 0x5c) {
    throw new ProxyError("BadRequest", "the path contains an escaped control character or backslash");
  }
  const character = String.fromCharCode(code);
  return UNRESERVED.test(character) ? character : escape.toUpperCase();
}

// Backends that decode %2F, or that strip `;parameters`, see a dot segment where the grammar has none.
function hasDotSegment(path: string): boolean {
  if (!path.includes(".")) return false;
  return path.split(/\/|%2F/).some((segment) => /^\.{1,2}(?:;|%3B|$)/.test(segment));
}
