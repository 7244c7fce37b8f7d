import type { Balancer } from "../../balance/balancer.ts";
import { endpointName } from "../../balance/endpoint-queue.ts";
import { ProxyError } from "../../base/failures.ts";
import type { RuleName } from "../../base/report.ts";
import type { Endpoint, EndpointTable, PoolKey } from "../../table/endpoint-table.ts";
import type { Backend, BackendTls, Forward } from "../../table/routing-table.ts";

/** The share of a rule's traffic that a request fell into: fixed for all of its attempts. */
export type PoolBackend = Extract<Backend, { readonly type: "Pool" }>;

/** An endpoint to try. */
export type Candidate = { readonly endpoint: Endpoint; readonly pool: PoolKey; readonly tls: BackendTls | null };

/** Chooses the backend of a rule by weight. Throws ProxyError RouteRefused when the share refuses. */
export function pickBackend(balancer: Balancer, rule: RuleName, forward: Forward): PoolBackend {
  const backend = balancer.pickBackend(rule, forward.backends);
  if (backend.type === "Refuse") throw new ProxyError("RouteRefused", backend.detail, [], backend.status);
  return backend;
}

/** How endpoints are tried. */
export type Tries = {
  readonly balancer: Balancer;
  readonly endpoints: () => EndpointTable;
  /** Attempts in all, the first included. */
  readonly max: number;
  /** Whether a failed attempt left things as they were, so that another endpoint may be tried. */
  readonly mayRetry: (error: unknown) => boolean;
};

/**
 * Tries a backend's endpoints, each at most once, until one attempt succeeds. Rejects with the last attempt's error, and
 * with ProxyError NoReadyEndpoint when there was none to try.
 */
export async function tryEndpoints<Result>(
  backend: PoolBackend,
  tries: Tries,
  attempt: (candidate: Candidate) => Promise<Result>,
): Promise<Result> {
  const tried = new Set<string>();
  let failure: Error | null = null;
  while (tried.size < tries.max) {
    const pool = tries.endpoints().get(backend.pool) ?? [];
    const endpoint = tries.balancer.pickEndpoint(backend.pool, pool, tried);
    if (endpoint === null) break;
    tried.add(endpointName(endpoint));
    try {
      return await attempt({ endpoint, pool: backend.pool, tls: backend.tls });
    } catch (error) {
      failure = error as Error;
      if (!tries.mayRetry(error)) break;
    }
  }
  if (failure === null) throw new ProxyError("NoReadyEndpoint", `${backend.pool} has no ready endpoint`);
  throw failure;
}
