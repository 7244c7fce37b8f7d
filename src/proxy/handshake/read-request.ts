import type { IncomingMessage } from "node:http";
import { ProxyError } from "../../base/failures.ts";
import type { Arrival, RequestFacts } from "../../base/request-facts.ts";
import { carryTrace, readTraceContext, type TraceContext } from "../../base/trace-context.ts";
import { findClientAddress } from "./forwarded-fields.ts";
import { groupFields, readFields, requireHarmlessConnection } from "./header-fields.ts";
import { readTarget, type Target } from "./normalise-path.ts";
import { readAuthority, type TargetAuthority } from "./read-authority.ts";
import { readRequestId } from "./request-id.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

/** What is looked at of a request: all that its head says. */
export type RequestHead = Readonly<
  Pick<IncomingMessage, "method" | "url" | "httpVersion" | "httpVersionMajor" | "httpVersionMinor" | "rawHeaders">
>;

/** What is known of a request before anything in it was judged: enough to report it by. */
export type Caller = Pick<RequestFacts, "id" | "arrival" | "clientAddress"> & {
  /** Its place in a trace, as the backend will be told; null if there is none. */
  readonly trace: TraceContext | null;
};

/** Whom to believe about clients, and how to name requests. */
export type CallerSettings = { readonly trustedProxies: TrustedProxies; readonly nextRequestId: () => string };

/** Names a request and its client. Never throws. */
export function readCaller(request: RequestHead, arrival: Arrival, settings: CallerSettings): Caller {
  const fields = readFields(request.rawHeaders);
  const headers = groupFields(fields);
  const believed = settings.trustedProxies(arrival.peerAddress);
  return {
    id: (believed ? readRequestId(headers.get("x-request-id")) : null) ?? settings.nextRequestId(),
    arrival,
    clientAddress: findClientAddress(arrival.peerAddress, headers.get("x-forwarded-for"), settings.trustedProxies),
    trace: readTraceContext(fields),
  };
}

/**
 * The facts of any request, upgrade or plain, from its head alone; `webSocket` is null here. `OPTIONS *` has the path `*`.
 * Throws ProxyError BadRequest for a version that is not spoken here, for a malformed target or authority and for a
 * Connection field that names protected fields.
 */
export function readRequest(request: RequestHead, { trace, ...caller }: Caller): RequestFacts {
  requireVersion(request);
  const written = readFields(request.rawHeaders);
  const headers = groupFields(written);
  const method = request.method ?? "";
  const { authority, target } = splitTarget(method, request.url ?? "");
  const { host, port } = readAuthority(written, authority);
  requireHarmlessConnection(headers);
  const fields = carryTrace(written, trace);
  return { ...caller, method, host, port, ...target, headers, fields, webSocket: null };
}

// Node's parser takes a request line without a version for HTTP/0.9.
function requireVersion({ httpVersion }: RequestHead): void {
  if (httpVersion === "1.1" || httpVersion === "1.0") return;
  throw new ProxyError("BadRequest", "only HTTP/1.1 and HTTP/1.0 are spoken here");
}

type SplitTarget = { readonly authority: TargetAuthority | null; readonly target: Target };

function splitTarget(method: string, url: string): SplitTarget {
  if (url === "*" && method === "OPTIONS") return { authority: null, target: { path: "*", query: "" } };
  if (url.startsWith("/")) return { authority: null, target: readTarget(url) };
  const [, secure = "", written, rest = ""] = /^(?:http|ws)(s?):\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  if (written === undefined) throw new ProxyError("BadRequest", "the request target is in no form that is served here");
  const authority: TargetAuthority = { written, defaultPort: secure === "" ? 80 : 443 };
  return { authority, target: readTarget(rest.startsWith("/") ? rest : `/${rest}`) };
}
