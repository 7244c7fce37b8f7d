import type { IncomingMessage } from "node:http";
import { ProxyError } from "../../base/failures.ts";

/** Whether a request has a body, and how its end is found (RFC 9112 6.3). */
export type Framing = {
  readonly type: "none" | "length" | "chunked";
  /** Content-Length as it was written; null without one. */
  readonly length: string | null;
  /** The client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1). */
  readonly expectsContinue: boolean;
};

/**
 * How a plain request is framed. Throws ProxyError BadRequest for every framing that two readers could understand
 * differently: a transfer coding other than exactly `chunked`, one on HTTP/1.0, or one beside Content-Length; and
 * ExpectationFailed for expectations other than 100-continue.
 */
export function readFraming(request: IncomingMessage): Framing {
  const { type, length } = readBody(request);
  const [expectation, ...others] = valuesOf(request, "expect");
  // HTTP/1.0 knows no interim answers: its Expect is ignored.
  if (expectation === undefined || request.httpVersion === "1.0") return { type, length, expectsContinue: false };
  if (others.length > 0 || expectation.toLowerCase() !== "100-continue") {
    throw new ProxyError("ExpectationFailed", "an expectation other than 100-continue");
  }
  return { type, length, expectsContinue: type !== "none" };
}

function readBody(request: IncomingMessage): Pick<Framing, "type" | "length"> {
  const codings = valuesOf(request, "transfer-encoding");
  const lengths = valuesOf(request, "content-length");
  if (codings.length === 0) return readLength(lengths);
  if (request.httpVersion === "1.0") throw new ProxyError("BadRequest", "Transfer-Encoding on HTTP/1.0");
  if (lengths.length > 0) throw new ProxyError("BadRequest", "Transfer-Encoding beside Content-Length");
  if (codings.length > 1 || codings[0]?.toLowerCase() !== "chunked") {
    throw new ProxyError("BadRequest", "a transfer coding other than chunked");
  }
  return { type: "chunked", length: null };
}

function readLength([length, ...others]: readonly string[]): Pick<Framing, "type" | "length"> {
  if (length === undefined) return { type: "none", length: null };
  if (others.length > 0 || !/^[0-9]{1,15}$/.test(length)) {
    throw new ProxyError("BadRequest", "Content-Length is not one number");
  }
  return { type: Number(length) === 0 ? "none" : "length", length };
}

/** Node joins duplicates in `headers`, or drops them: only the raw fields tell. */
function valuesOf(request: IncomingMessage, name: string): readonly string[] {
  return request.rawHeaders.filter((_, index, raw) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);
}
