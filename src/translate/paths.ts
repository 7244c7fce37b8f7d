const MAX_PATH_LENGTH = 1024;
const FORBIDDEN = /[\p{Cc}\\?#]|%(?![0-9A-Fa-f]{2})/u;
const OUTSIDE_RFC_3986 = /[^-A-Za-z0-9/._~!$&'()*+,;=:@%]/gu;
const ENCODED = /%[0-9A-Fa-f]{2}/gu;
const UNRESERVED = /[-A-Za-z0-9._~]/u;
const DOT_SEGMENT = /(?:\/|%2F)\.{1,2}(?:\/|%2F|;|%3B|$)/u;
const NEVER_SENT = /%(?:[01][0-9A-F]|7F|5C)/u;

/** A path in the one spelling in which requests are matched, or what was expected of it. */
export type ReadPath = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly expected: string };

/**
 * Reads a literal path as requests are read (RFC 3986 6.2.2): encoded unreserved characters are decoded, hexadecimal
 * is upper-cased, characters that no path may hold are encoded. Refuses what no request can have: dot segments,
 * backslashes, controls, a query.
 */
export function readPath(written: string): ReadPath {
  if (!written.startsWith("/")) return { ok: false, expected: "a path that starts with /" };
  if (written.length > MAX_PATH_LENGTH) return { ok: false, expected: `at most ${MAX_PATH_LENGTH} characters` };
  if (FORBIDDEN.test(written) || !written.isWellFormed()) {
    return { ok: false, expected: "a path without query, fragment, backslash or control characters" };
  }
  const path = written.replaceAll(OUTSIDE_RFC_3986, encodeURIComponent).replaceAll(ENCODED, normalizeEncoded);
  if (DOT_SEGMENT.test(path)) return { ok: false, expected: "a path without dot segments: no request has them" };
  if (NEVER_SENT.test(path))
    return { ok: false, expected: "a path without encoded controls and backslashes: no request has them" };
  return { ok: true, path };
}

function normalizeEncoded(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return UNRESERVED.test(character) ? character : encoded.toUpperCase();
}
