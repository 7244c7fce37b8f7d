import { type Endpoint, type EndpointTable, usableEndpoints } from "../../table/endpoint-table.ts";
import type { Backend, Forward } from "../../table/routing-table.ts";
import { escapeText } from "../escape-text.ts";
import type { ExplainedBackend, ExplainedEndpoint } from "./explanation.ts";

/** The shares of a rule, and which endpoints of each a new connection could be sent to. */
export function describeBackends(forward: Forward, endpoints: EndpointTable): readonly ExplainedBackend[] {
  const total = forward.backends.reduce((sum, { weight }) => sum + weight, 0);
  return forward.backends.map((backend) => {
    const percent = total === 0 ? 0 : Math.round((backend.weight / total) * 1_000) / 10;
    return { ...describeShare(backend, endpoints), weight: backend.weight, percent };
  });
}

function describeShare(backend: Backend, table: EndpointTable): Omit<ExplainedBackend, "weight" | "percent"> {
  if (backend.type === "Refuse") {
    return { service: null, tls: false, refusal: escapeText(backend.detail, 500), endpoints: [] };
  }
  const pool = table.get(backend.pool) ?? [];
  const usable = new Set(usableEndpoints(pool));
  const endpoints = pool.map((endpoint): ExplainedEndpoint => {
    const { address, port } = endpoint;
    const shown = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    return { address: shown, state: stateOf(endpoint), usable: usable.has(endpoint) };
  });
  const refusal = usable.size > 0 ? null : `${backend.pool} has ${noneOf(endpoints)}`;
  return { service: backend.pool, tls: backend.tls !== null, refusal, endpoints };
}

function stateOf({ ready, serving, terminating }: Endpoint): ExplainedEndpoint["state"] {
  if (ready) return "ready";
  if (!terminating) return "not ready";
  return serving ? "serving while it terminates" : "terminating";
}

function noneOf(endpoints: readonly ExplainedEndpoint[]): string {
  if (endpoints.length === 0) return "no endpoint";
  return endpoints.length === 1
    ? "1 endpoint, which is not ready"
    : `${endpoints.length} endpoints, none of them ready`;
}
