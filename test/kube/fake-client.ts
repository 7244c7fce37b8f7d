import type { Clock } from "../../src/base/ports.ts";
import type { ApiClient } from "../../src/kube/api-client.ts";
import { ApiFailure } from "../../src/kube/api-failure.ts";
import { pause } from "../../src/kube/pause.ts";
import { bookmarkLine, lineOf } from "./fake-api-server.ts";
import type { ClusterEvent, FakeCluster } from "./fake-cluster.ts";

/** What goes wrong, decided anew for each request and each batch of events. */
export type Faults = {
  /** Thrown in place of an answer. */
  readonly onRequest: () => ApiFailure | null;
  /** What a watch sends in place of these lines, and how it goes on. */
  readonly onLines: (lines: readonly string[]) => {
    readonly lines: readonly string[];
    readonly next: "go on" | "end" | "break" | "stall";
  };
};

/** Nothing goes wrong. */
export const NO_FAULTS: Faults = { onRequest: () => null, onLines: (lines) => ({ lines, next: "go on" }) };

const QUIET: ReturnType<Faults["onLines"]> = { lines: [], next: "go on" };

const PATH = /^\/(?:api|apis\/[^/]+)\/v[^/]+(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?$/;

/** A client of a cluster in memory, with faults that may change at any time. Kinds that are not in `plurals` are not installed. */
export function createFakeClient(
  cluster: FakeCluster,
  plurals: readonly string[],
  clock: Clock,
  faults: () => Faults,
): ApiClient {
  const resolve = (path: string) => {
    const failure = faults().onRequest();
    if (failure !== null) throw failure;
    const url = new URL(path, "https://server");
    const [, namespace = null, plural = "", name = null] = PATH.exec(url.pathname) ?? [];
    if (!plurals.includes(plural)) throw new ApiFailure("absent", "the server could not find the requested resource");
    return { namespace, plural, name, query: url.searchParams };
  };
  return {
    get: async (path) => {
      await Promise.resolve();
      const { namespace, plural, name, query } = resolve(path);
      const all = cluster.list(plural, namespace);
      if (name !== null) {
        const found = all.find(({ metadata }) => metadata.name === name);
        if (found === undefined) throw new ApiFailure("absent", "not found");
        return found;
      }
      const from = Number(query.get("continue") ?? "0");
      const to = from + 2;
      const rest = to < all.length ? { continue: String(to) } : {};
      return { metadata: { resourceVersion: String(cluster.version()), ...rest }, items: all.slice(from, to) };
    },
    lines: async function* (path, signal) {
      const { namespace, plural, query } = resolve(path);
      let from = Number(query.get("resourceVersion"));
      yield [];
      const endMs = clock.monotonicMs() + Number(query.get("timeoutSeconds")) * 1_000;
      while (clock.monotonicMs() < endMs && !signal.aborted) {
        const events = cluster.since(plural, namespace, from);
        if (events === null) throw new ApiFailure("expired", "too old resource version");
        from = events.at(-1)?.version ?? from;
        const { lines, next } = events.length === 0 ? QUIET : faults().onLines(told(events, cluster.version()));
        if (lines.length > 0) yield lines;
        if (next === "end") return;
        await (next === "go on" ? nextChange(cluster, clock, endMs, signal) : fail(next, clock, signal));
      }
    },
    close: () => {},
  };
}

/** Events as lines, and behind the latest of the cluster a bookmark. */
function told(events: readonly ClusterEvent[], version: number): readonly string[] {
  const lines = events.map((event) => lineOf(event).trim());
  return events.at(-1)?.version === version ? [...lines, bookmarkLine(version).trim()] : lines;
}

/** What the real client makes of a broken connection, and of silence. */
async function fail(how: "break" | "stall", clock: Clock, signal: AbortSignal): Promise<void> {
  if (how === "break") throw new ApiFailure("broken", "the connection broke");
  await pause(clock, 90_000, signal);
  if (!signal.aborted) throw new ApiFailure("silent", "nothing came for 90 s");
}

async function nextChange(cluster: FakeCluster, clock: Clock, endMs: number, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  const forget = cluster.follow(() => waiting.abort());
  await pause(clock, Math.max(0, endMs - clock.monotonicMs()), AbortSignal.any([waiting.signal, signal]));
  forget();
}
