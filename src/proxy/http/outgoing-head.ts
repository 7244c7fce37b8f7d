import type { IncomingHttpHeaders } from "node:http";
import type { Field, RequestFacts } from "../../base/request-facts.ts";
import type { Route } from "../handshake/find-route.ts";
import { withForwardedFields } from "../handshake/forwarded-fields.ts";
import { editFields, endToEndFields } from "../handshake/header-fields.ts";
import { formatAuthority } from "../handshake/read-authority.ts";
import { rewriteTarget } from "../handshake/rewrite-target.ts";
import type { TrustedProxies } from "../handshake/trusted-proxies.ts";
import type { Framing } from "./read-framing.ts";

/** A plain request as the backend shall see it. */
export type OutgoingHead = {
  readonly method: string;
  /** In origin form. */
  readonly target: string;
  /** In the client's casing; a name that occurs several times keeps the casing and place of the first. */
  readonly headers: IncomingHttpHeaders;
};

/** All that is done to a plain request's head before http-proxy sees it. */
export function outgoingHead(
  facts: RequestFacts,
  framing: Framing,
  route: Pick<Route, "forward" | "prefix">,
  trusted: TrustedProxies,
): OutgoingHead {
  const { rewrite, requestHeaders } = route.forward;
  const passed = withForwardedFields(endToEndFields(facts.fields), facts, trusted);
  const fields: readonly Field[] = [
    ["Host", rewrite.hostname ?? formatAuthority(facts)],
    ...editFields(passed, requestHeaders).filter(([name]) => !OURS.has(name.toLowerCase())),
    ...framingFields(framing),
  ];
  return { method: facts.method, target: rewriteTarget(facts, route.prefix, rewrite), headers: toHeaders(fields) };
}

const OURS: ReadonlySet<string> = new Set(["host", "content-length", "expect"]);

// Always said: left to itself, Node would decide by the method alone.
function framingFields(framing: Framing): readonly Field[] {
  const expect: readonly Field[] = framing.expectsContinue ? [["Expect", "100-continue"]] : [];
  if (framing.type === "chunked") return [["Transfer-Encoding", "chunked"], ...expect];
  return framing.length === null ? expect : [["Content-Length", framing.length], ...expect];
}

function toHeaders(fields: readonly Field[]): IncomingHttpHeaders {
  const byName = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (const [name, value] of fields) {
    const known = byName.get(name.toLowerCase());
    if (known === undefined) byName.set(name.toLowerCase(), { name, values: [value] });
    else known.values.push(value);
  }
  const headers: NodeJS.Dict<string | string[]> = Object.create(null);
  for (const { name, values } of byName.values()) headers[name] = values.length === 1 ? values[0] : values;
  return headers;
}
