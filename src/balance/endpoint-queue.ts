import { type Endpoint, usableEndpoints } from "../table/endpoint-table.ts";

/** A round robin over the usable endpoints of one pool: whoever waited longest is next. */
export type EndpointQueue = {
  /** The pool as it was last seen. */
  readonly pool: readonly Endpoint[];
  /** In order of their next turns. */
  readonly waiting: readonly Endpoint[];
  /** Where in `waiting` the next turn is; it goes round. */
  readonly next: number;
};

/** `address:port`, an IPv6 address in brackets: names an endpoint in logs and among those already tried. */
export function endpointName({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Begins a round robin; `start`, from 0 to below 1, is the share of the round to begin at, so that replicas do not all begin with the same endpoint. */
export function startQueue(pool: readonly Endpoint[], start: number): EndpointQueue {
  const waiting = [...byName(usableEndpoints(pool)).values()];
  return { pool, waiting, next: Math.floor(start * waiting.length) };
}

/** Goes on with a changed pool: who stays keeps its place in the round, and new endpoints come last. */
export function followPool(queue: EndpointQueue, pool: readonly Endpoint[]): EndpointQueue {
  if (queue.pool === pool) return queue;
  const usable = byName(usableEndpoints(pool));
  const inOrder = [...queue.waiting.slice(queue.next), ...queue.waiting.slice(0, queue.next)];
  const waiting: Endpoint[] = [];
  for (const earlier of inOrder) {
    const name = endpointName(earlier);
    const endpoint = usable.get(name);
    if (endpoint !== undefined) waiting.push(endpoint);
    usable.delete(name);
  }
  waiting.push(...usable.values());
  return { pool, waiting, next: 0 };
}

/** The next endpoint that is not among `tried` (names of endpoints), null when there is none; who is passed over stays next. */
export function takeEndpoint(
  queue: EndpointQueue,
  tried: ReadonlySet<string>,
): { readonly endpoint: Endpoint | null; readonly queue: EndpointQueue } {
  const { waiting, next } = queue;
  for (let passed = 0; passed < waiting.length; passed += 1) {
    const at = (next + passed) % waiting.length;
    const endpoint = waiting[at];
    if (endpoint !== undefined && (tried.size === 0 || !tried.has(endpointName(endpoint)))) {
      return {
        endpoint,
        queue: {
          pool: queue.pool,
          waiting: passed === 0 ? waiting : swap(waiting, next, at),
          next: (next + 1) % waiting.length,
        },
      };
    }
  }
  return { endpoint: null, queue };
}

function swap(list: readonly Endpoint[], left: number, right: number): readonly Endpoint[] {
  return list.map((endpoint, at) => (at === left ? list[right] : at === right ? list[left] : undefined) ?? endpoint);
}

function byName(endpoints: readonly Endpoint[]): Map<string, Endpoint> {
  return new Map(endpoints.map((endpoint) => [endpointName(endpoint), endpoint]));
}
