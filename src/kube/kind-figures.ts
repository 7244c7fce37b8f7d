import type { KindFigures, WatchState } from "../base/cluster-figures.ts";
import type { KindReader } from "./kind-reader.ts";
import type { SecretReader } from "./secret-reader.ts";
import type { WatchProgress } from "./watch-progress.ts";

/** The worst first: of several namespaces it is the one to look at. */
const WORST: readonly WatchState[] = ["failing", "forbidden", "absent", "waiting", "synced"];

/** The figures of one kind, of all its namespaces together. */
export function figuresOfKind({ row, sets, reflectors }: KindReader, nowMs: number): KindFigures {
  const all = reflectors.map((reflector) => reflector.progress());
  const worst = pickWorst(all);
  const alive = all.map(({ aliveMs }) => aliveMs).filter((aliveMs) => aliveMs !== null);
  return {
    kind: row.kind,
    state: worst?.state ?? "waiting",
    explanation: worst?.explanation ?? null,
    objects: sets.reduce((sum, set) => sum + set.size(), 0),
    eventAgeMs: alive.length === 0 ? null : nowMs - Math.min(...alive),
    lists: addUp(all.map(({ lists }) => lists)),
    failures: addUp(all.map(({ failures }) => failures)),
    missed: all.reduce((sum, { missed }) => sum + missed, 0),
  };
}

/** The figures of Secrets, which are not watched. */
export function figuresOfSecrets({ row, sets }: KindReader, secrets: SecretReader, nowMs: number): KindFigures {
  const worst = pickWorst(secrets.faults());
  const aliveMs = secrets.aliveMs();
  return {
    kind: row.kind,
    state: worst?.state ?? "synced",
    explanation: worst?.explanation ?? null,
    objects: sets.reduce((sum, set) => sum + set.size(), 0),
    eventAgeMs: aliveMs === null ? null : nowMs - aliveMs,
    lists: new Map(),
    failures: secrets.failures(),
    missed: 0,
  };
}

type Standing = Pick<WatchProgress, "state" | "explanation">;

function pickWorst<Each extends Readonly<Standing>>(all: readonly Each[]): Each | undefined {
  return WORST.map((state) => all.find((each) => each.state === state)).find((each) => each !== undefined);
}

function addUp<Key>(counts: readonly ReadonlyMap<Key, number>[]): ReadonlyMap<Key, number> {
  const sums = new Map<Key, number>();
  for (const each of counts) for (const [key, value] of each) sums.set(key, (sums.get(key) ?? 0) + value);
  return sums;
}
