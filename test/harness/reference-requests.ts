/** One HTTP/1.1 request as the reference reads it. */
export type ReferenceRequest = {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** In order, names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** True if its body is there to the end. */
  readonly whole: boolean;
  readonly isUpgrade: boolean;
};

/** What a stream of bytes holds. After an upgrade nothing is read as HTTP any more; `rest` is what nobody could read. */
export type ReferenceRequests = { readonly requests: readonly ReferenceRequest[]; readonly rest: string };

const REQUEST_LINE = /^([A-Z!#$%&'*+.^_`|~a-z0-9-]+) +([\x21-\x7e\x80-\xff]+) +(HTTP\/1\.[01])$/u;
const FIELD = /^([!#$%&'*+.^_`|~A-Za-z0-9-]+):[ \t]*((?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[ \t]*$/u;

/**
 * Reads requests strictly by RFC 9112, without regard to speed: what two readers could take differently ends it. Text is
 * Latin-1.
 */
export function readRequests(stream: string): ReferenceRequests {
  const requests: ReferenceRequest[] = [];
  let rest = stream;
  for (;;) {
    // RFC 9112 2.2: empty lines before a request are ignored, also those that end with LF alone.
    const text = rest.replace(/^[\r\n]+/u, "");
    const end = text.indexOf("\r\n\r\n");
    if (end === -1) return { requests, rest: text };
    const head = readHead(text.slice(0, end));
    const after = text.slice(end + 4);
    const left = head === null ? null : skipBody(head, after);
    if (head === null || left === null) return { requests, rest: text };
    requests.push({ ...head, whole: typeof left !== "string" });
    if (left === "broken") return { requests, rest: text };
    if (head.isUpgrade || left === "cut") return { requests, rest: "" };
    rest = left.after;
  }
}

type Head = Omit<ReferenceRequest, "whole">;

function readHead(text: string): Head | null {
  const [line = "", ...lines] = text.split("\r\n");
  const [, method = "", target = "", version = ""] = REQUEST_LINE.exec(line) ?? [];
  const fields = lines.map((field) => FIELD.exec(field));
  if (method === "" || fields.includes(null)) return null;
  const pairs = fields.map((found) => [found?.[1]?.toLowerCase() ?? "", found?.[2] ?? ""] as const);
  const connection = valuesOf(pairs, "connection").join(",").toLowerCase();
  const isUpgrade =
    valuesOf(pairs, "upgrade").join(",").toLowerCase() === "websocket" && connection.includes("upgrade");
  return { method, target, version, fields: pairs, isUpgrade };
}

/** `cut` by the end of the stream, or `broken` by bytes that are no chunk. */
type Skipped = { readonly after: string } | "cut" | "broken";

/** What follows the body; null if nobody can say where it ends. */
function skipBody({ fields }: Head, after: string): Skipped | null {
  const lengths = valuesOf(fields, "content-length");
  const codings = valuesOf(fields, "transfer-encoding");
  if (codings.length > 0) return isExactlyChunked(codings) && lengths.length === 0 ? skipChunks(after) : null;
  if (lengths.length === 0) return { after };
  if (lengths.length > 1 || !/^\d{1,15}$/u.test(lengths[0] ?? "")) return null;
  const length = Number(lengths[0]);
  return after.length < length ? "cut" : { after: after.slice(length) };
}

function isExactlyChunked(codings: readonly string[]): boolean {
  return codings.length === 1 && codings[0]?.toLowerCase() === "chunked";
}

function skipChunks(text: string): Skipped {
  let rest = text;
  for (;;) {
    const lineEnd = rest.indexOf("\r\n");
    if (lineEnd === -1) return "cut";
    const size = /^([0-9A-Fa-f]{1,12})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/u.exec(rest.slice(0, lineEnd))?.[1];
    if (size === undefined) return "broken";
    rest = rest.slice(lineEnd + 2);
    const length = Number.parseInt(size, 16);
    if (length === 0) return skipTrailers(rest);
    if (rest.length < length + 2) return "cut";
    if (rest.slice(length, length + 2) !== "\r\n") return "broken";
    rest = rest.slice(length + 2);
  }
}

function skipTrailers(text: string): Skipped {
  if (text.startsWith("\r\n")) return { after: text.slice(2) };
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return "cut";
  const lines = text.slice(0, end).split("\r\n");
  return lines.every((line) => FIELD.test(line)) ? { after: text.slice(end + 4) } : "broken";
}

/** The values of a field, one for each line. */
export function valuesOf(fields: ReferenceRequest["fields"], name: string): readonly string[] {
  return fields.filter(([each]) => each === name).map(([, value]) => value);
}
