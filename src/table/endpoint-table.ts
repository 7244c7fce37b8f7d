/** `namespace/service:port`, the port by number as the Service declares it. */
export type PoolKey = `${string}/${string}:${number}`;

/** The endpoints of every Service port that a rule names. Changes constantly; swapped without touching the routing table. */
export type EndpointTable = ReadonlyMap<PoolKey, readonly Endpoint[]>;

/** One address of a Service port (discovery.k8s.io/v1), with the conditions that decide who may be sent to it. */
export type Endpoint = {
  readonly address: string;
  readonly port: number;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zones: readonly string[];
};

/** Those that new sockets may go to: the ready ones, else those that terminate and still serve. */
export function usableEndpoints(pool: readonly Endpoint[]): readonly Endpoint[] {
  const ready = pool.filter((endpoint) => endpoint.ready);
  return ready.length > 0 ? ready : pool.filter((endpoint) => endpoint.serving && endpoint.terminating);
}
