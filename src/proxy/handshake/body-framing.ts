import { ProxyError } from "../../base/failures.ts";
import { groupFields, listElements } from "./header-fields.ts";
import type { ResponseHead } from "./parse-response-head.ts";

/** Where a response's body ends (RFC 9112 6.3). */
export type Framing =
  | { readonly type: "None" }
  | { readonly type: "Length"; readonly bytes: number }
  | { readonly type: "Chunked" }
  | { readonly type: "UntilClose" };

/** The framing of a response to a GET. Throws ProxyError InvalidBackendAnswer when it is ambiguous: that is how smuggling begins. */
export function readFraming(head: ResponseHead): Framing {
  if (head.status === 204 || head.status === 304) return { type: "None" };
  const headers = groupFields(head.fields);
  const codings = headers.get("transfer-encoding");
  const lengths = headers.get("content-length");
  if (codings === undefined) return lengths === undefined ? { type: "UntilClose" } : readLength(lengths);
  const chunked = codings.length === 1 && codings[0]?.toLowerCase() === "chunked";
  if (!chunked || lengths !== undefined || head.minor === 0) throw ambiguous();
  return { type: "Chunked" };
}

function readLength(lengths: readonly string[]): Framing {
  const [length = "", ...others] = new Set(listElements(lengths));
  if (others.length > 0 || !/^[0-9]{1,15}$/.test(length)) throw ambiguous();
  return { type: "Length", bytes: Number(length) };
}

function ambiguous(): ProxyError {
  return new ProxyError("InvalidBackendAnswer", "the answer's length is ambiguous");
}
