import type { RequestFacts } from "../../src/base/request-facts.ts";
import type { Endpoint, EndpointTable, PoolKey } from "../../src/table/endpoint-table.ts";
import type { Backend, Entry, Forward, HostGroup, Match, RoutingTable } from "../../src/table/routing-table.ts";

/** A rule's action with every setting at a harmless value. */
export function forwardTo(backends: readonly Backend[], changes: Partial<Forward> = {}): Forward {
  return {
    type: "Forward",
    backends,
    rewrite: { hostname: null, path: null },
    requestHeaders: { set: [], add: [], remove: [] },
    responseHeaders: { set: [], add: [], remove: [] },
    timeouts: { connectMs: 2_000, handshakeMs: 5_000, idleMs: 0, maxConnectionDurationMs: 0, closeMs: 1_000 },
    keepalive: { pingIntervalMs: 0, pongTimeoutMs: 10_000 },
    drain: { code: 1012, reason: "", windowMs: 0, onRouteDeleted: "Keep" },
    escapedSlashes: "Keep",
    redirectToHttps: false,
    policies: new Map(),
    ...changes,
  };
}

/** A backend without TLS and with weight 1. */
export function poolBackend(pool: PoolKey, changes: Partial<Extract<Backend, { type: "Pool" }>> = {}): Backend {
  return { type: "Pool", weight: 1, pool, tls: null, ...changes };
}

/** An entry that matches every path under `prefix`. */
export function entryFor(action: Entry["rule"]["action"], prefix = "/", match: Partial<Match> = {}): Entry {
  return {
    match: { path: { type: "PathPrefix", value: prefix }, headers: [], queryParams: [], subprotocols: [], ...match },
    rule: { name: { kind: "WebSocketRoute", namespace: "test", name: "route", rule: prefix }, action },
  };
}

/** A table with one group for each host. */
export function routingTable(hosts: Readonly<Record<string, readonly Entry[]>>): RoutingTable {
  const groups = Object.entries(hosts).map(
    ([name, entries]): HostGroup => ({ host: name === "*" ? { type: "any" } : { type: "exact", name }, entries }),
  );
  return { groups, fallback: [] };
}

/** Ready endpoints on loopback, by pool. */
export function endpointTable(pools: Readonly<Record<PoolKey, readonly number[]>>): EndpointTable {
  return new Map(
    Object.entries(pools).map(([pool, ports]) => [pool as PoolKey, ports.map((port) => readyEndpoint(port))]),
  );
}

/** A ready endpoint. */
export function readyEndpoint(port: number, address = "127.0.0.1"): Endpoint {
  return { address, port, ready: true, serving: true, terminating: false, zones: [] };
}

/** The facts of a plain GET for a.example/. */
export function requestFacts(changes: Partial<RequestFacts> = {}): RequestFacts {
  return {
    id: "test-0-1",
    arrival: {
      peerAddress: "192.0.2.1",
      peerPort: 40_000,
      localAddress: "192.0.2.9",
      localPort: 80,
      secure: false,
      serverName: null,
    },
    clientAddress: "192.0.2.1",
    method: "GET",
    host: "a.example",
    port: null,
    path: "/",
    query: "",
    headers: new Map(),
    fields: [],
    webSocket: null,
    ...changes,
  };
}
