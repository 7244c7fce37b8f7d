import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";
import { visit, type Work } from "../../base/work.ts";
import type { EndpointTable } from "../../table/endpoint-table.ts";
import type { BackendTls } from "../../table/routing-table.ts";

/** An endpoint to ask, and how: `tls` null speaks plain HTTP. */
export type Origin = { readonly address: string; readonly port: number; readonly tls: BackendTls | null };

/** The two ways to a connection: `pooled` reuses one that is idle, `fresh` never does and closes it afterwards. */
export type OriginAgents = { readonly pooled: HttpAgent; readonly fresh: HttpAgent };

/** Bounds of each endpoint's pool. */
export type PoolLimits = {
  /** Connections in use and idle; further requests wait, bounded by their connect timeout. */
  readonly maxSockets: number;
  readonly maxIdleSockets: number;
  /** How long a connection may stay idle; shorter than the keep-alive timeout of most servers, so that they seldom race us. */
  readonly idleMs: number;
};

/** Below five seconds, which is the keep-alive timeout of Node and of several Python servers. */
export const DEFAULT_POOL_LIMITS: PoolLimits = { maxSockets: 1024, maxIdleSockets: 64, idleMs: 4_000 };

/** Pools an endpoint: as many TLS settings as may be in use for it at one time. */
const MAX_TLS_SETTINGS = 8;

/** The kept-alive connections to backends: one pool an endpoint and TLS setting. */
export type BackendAgents = {
  readonly of: (origin: Origin) => OriginAgents;
  /** Closes the idle connections of endpoints that left the table; those in use close after their answer. */
  readonly retain: (endpoints: EndpointTable) => Work<void>;
  /** Closes all idle connections, and those in use after their answer. */
  readonly close: () => void;
  /** Connections in use and idle, over all endpoints. */
  readonly sockets: () => number;
};

/** The kept-alive connections to backends, empty at first. */
export function createBackendAgents(limits: PoolLimits = DEFAULT_POOL_LIMITS): BackendAgents {
  const pools = new Map<string, Map<string, OriginAgents>>();
  const tlsKeys = new WeakMap<BackendTls, string>();

  const keyOf = (tls: BackendTls | null): string => {
    if (tls === null) return "";
    const known = tlsKeys.get(tls);
    if (known !== undefined) return known;
    const key = JSON.stringify([tls.serverName, tls.verify, tls.ca]);
    tlsKeys.set(tls, key);
    return key;
  };

  const forget = (name: string): void => {
    for (const agents of pools.get(name)?.values() ?? []) retire(agents.pooled);
    pools.delete(name);
  };

  return {
    of: ({ address, port, tls }) => {
      const name = endpointName(address, port);
      const pool = pools.get(name) ?? new Map<string, OriginAgents>();
      pools.set(name, pool);
      const key = keyOf(tls);
      const known = pool.get(key);
      if (known !== undefined) return known;
      dropOldest(pool);
      const agents = createOriginAgents(tls, limits);
      pool.set(key, agents);
      return agents;
    },
    retain: function* (endpoints) {
      const present = new Set<string>();
      yield* visit(endpoints.values(), (pool) => {
        for (const { address, port } of pool) present.add(endpointName(address, port));
      });
      for (const name of pools.keys()) if (!present.has(name)) forget(name);
    },
    close: () => {
      for (const name of pools.keys()) forget(name);
    },
    sockets: () => {
      let count = 0;
      for (const pool of pools.values()) for (const { pooled } of pool.values()) count += countSockets(pooled);
      return count;
    },
  };
}

/** Roots and server names change seldom; what they were before is not kept for ever. */
function dropOldest(pool: Map<string, OriginAgents>): void {
  if (pool.size < MAX_TLS_SETTINGS) return;
  const oldest = pool.entries().next().value;
  if (oldest === undefined) return;
  retire(oldest[1].pooled);
  pool.delete(oldest[0]);
}

function endpointName(address: string, port: number): string {
  return `${address} ${port}`;
}

function createOriginAgents(tls: BackendTls | null, limits: PoolLimits): OriginAgents {
  const pooled = {
    keepAlive: true,
    keepAliveMsecs: 15_000,
    maxSockets: limits.maxSockets,
    maxFreeSockets: limits.maxIdleSockets,
    timeout: limits.idleMs,
  };
  const fresh = { keepAlive: false };
  if (tls === null) return { pooled: new HttpAgent(pooled), fresh: new HttpAgent(fresh) };
  const secure = {
    servername: tls.serverName,
    rejectUnauthorized: tls.verify,
    ALPNProtocols: ["http/1.1"],
    minVersion: "TLSv1.2" as const,
    ...(tls.ca === null ? {} : { ca: tls.ca }),
  };
  return { pooled: new HttpsAgent({ ...pooled, ...secure }), fresh: new HttpsAgent({ ...fresh, ...secure }) };
}

/** Agent.destroy would also cut the answers that are under way. */
function retire(agent: HttpAgent): void {
  agent.maxFreeSockets = 0;
  for (const idle of Object.values(agent.freeSockets)) for (const socket of idle ?? []) socket.destroy();
}

function countSockets(agent: HttpAgent): number {
  const lists: readonly (readonly Socket[] | undefined)[] = [
    ...Object.values(agent.sockets),
    ...Object.values(agent.freeSockets),
  ];
  return lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
}
