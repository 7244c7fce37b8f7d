import type { Clock } from "../../src/base/ports.ts";
import type { ApiClient } from "../../src/kube/api-client.ts";
import { ApiFailure } from "../../src/kube/api-failure.ts";
import { pause } from "../../src/kube/pause.ts";
import { bookmarkLine, lineOf } from "./fake-api-server.ts";
import type { FakeCluster } from "./fake-cluster.ts";

/** What goes wrong, decided anew for each request and each batch of events. */
export type Faults = {
  /** Thrown in place of an answer. */
  readonly onRequest: () => ApiFailure | null;
  /** What a watch sends in place of these lines, and how it goes on. */
  readonly onLines: (lines: readonly string[]) => {
    readonly lines: readonly string[];
    readonly then: "go on" | "end" | "break" | "stall";
  };
};

/** Nothing goes wrong. */
export const NO_FAULTS: Faults = { onRequest: () => null, onLines: (lines) => ({ lines, then: "go on" }) };

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
      while (clock.monotonicMs() < endMs) {
        const events = cluster.since(plural, namespace, from);
        if (events === null) throw new ApiFailure("expired", "too old resource version");
        from = events.at(-1)?.version ?? from;
        const lines = events.map((event) => lineOf(event).trim());
        if (events.length > 0 && from === cluster.version()) lines.push(bookmarkLine(from).trim());
        const sent = lines.length === 0 ? { lines, then: "go on" as const } : faults().onLines(lines);
        if (sent.lines.length > 0) yield sent.lines;
        if (sent.then === "end") return;
        if (sent.then === "break") throw new ApiFailure("broken", "the connection broke");
        if (sent.then === "stall") await stall(clock, signal);
        else await nextChange(cluster, clock, endMs, signal);
        if (signal.aborted) return;
      }
    },
    close: () => {},
  };
}

/** What the real client makes of silence. */
async function stall(clock: Clock, signal: AbortSignal): Promise<void> {
  await pause(clock, 90_000, signal);
  if (!signal.aborted) throw new ApiFailure("silent", "nothing came for 90 s");
}

async function nextChange(cluster: FakeCluster, clock: Clock, endMs: number, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  const forget = cluster.follow(() => waiting.abort());
  await pause(clock, Math.max(0, endMs - clock.monotonicMs()), AbortSignal.any([waiting.signal, signal]));
  forget();
}
