import { ProxyError } from "../../base/failures.ts";
import { isToken } from "../../base/field-names.ts";
import type { Field } from "../../base/request-facts.ts";

/** The head of a backend's response. */
export type ResponseHead = {
  /** HTTP/1.`minor`. */
  readonly minor: 0 | 1;
  readonly status: number;
  readonly reason: string;
  /** In the backend's casing and order; values without surrounding whitespace. */
  readonly fields: readonly Field[];
};

/** The most bytes that a response head may have, and the most fields in it. */
export const MAX_HEAD_BYTES = 32_768;
const MAX_FIELDS = 256;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: ([\t\u0020-\u007e\u0080-\u00ff]*))?$/;
const FIELD_LINE = /^([^:]*):[\t ]*([\t\u0020-\u007e\u0080-\u00ff]*)$/;

/**
 * Parses a response head (RFC 9112 4 and 5), strictly: no bare CR or LF, no folded lines, no space before a colon. Null
 * while it is incomplete; `length` counts its bytes. Throws ProxyError InvalidBackendAnswer when it is malformed or too large.
 */
export function parseResponseHead(bytes: Buffer): { readonly head: ResponseHead; readonly length: number } | null {
  const end = bytes.indexOf("\r\n\r\n");
  if ((end === -1 ? bytes.length : end + 4) > MAX_HEAD_BYTES) throw invalid("its head is too large");
  if (end === -1) {
    requireBeginning(bytes);
    return null;
  }
  const [statusLine = "", ...fieldLines] = bytes.toString("latin1", 0, end).split("\r\n");
  if (fieldLines.length > MAX_FIELDS) throw invalid("it has too many fields");
  return { head: { ...parseStatusLine(statusLine), fields: fieldLines.map(parseField) }, length: end + 4 };
}

function parseStatusLine(line: string): Omit<ResponseHead, "fields"> {
  const [, minor, status, reason = ""] = STATUS_LINE.exec(line) ?? [];
  if (status === undefined) throw invalid("its status line is malformed");
  return { minor: minor === "0" ? 0 : 1, status: Number(status), reason };
}

function parseField(line: string): Field {
  const [, name = "", value = ""] = FIELD_LINE.exec(line) ?? [];
  if (!isToken(name)) throw invalid("a field line is malformed");
  return [name, value.trim()];
}

// Whoever does not speak HTTP/1 at all is found out at once, not at the end of the budget.
function requireBeginning(bytes: Buffer): void {
  const wanted = "HTTP/1.";
  const begun = bytes.toString("latin1", 0, wanted.length);
  if (!wanted.startsWith(begun)) throw invalid("it is not HTTP/1");
}

function invalid(what: string): ProxyError {
  return new ProxyError("InvalidBackendAnswer", `the answer is not valid: ${what}`);
}
