import type { ApiFailureType, ListReason, WatchState } from "../base/cluster-figures.ts";

/** How far a reflector has come. */
export type WatchProgress = {
  state: WatchState;
  explanation: string | null;
  /** True from the first whole list on. */
  isListed: boolean;
  /** The resourceVersion that the watch has come to; null when only a list can help. */
  position: string | null;
  /** The version of the API that was listed last. */
  version: string;
  /** Why the next list is needed. */
  listReason: ListReason;
  /** When a list is due although nothing seems to be wrong. */
  safetyDueMs: number;
  aliveMs: number | null;
  /** Since when the kind is not known to the server, without a break; null while it is. */
  absentSinceMs: number | null;
  failuresInRow: number;
  malformedInRow: number;
  readonly lists: Map<ListReason, number>;
  readonly failures: Map<ApiFailureType, number>;
  missed: number;
};

/** Nothing has been asked yet. */
export function beginProgress(): WatchProgress {
  return {
    state: "waiting",
    explanation: null,
    isListed: false,
    position: null,
    version: "",
    listReason: "start",
    safetyDueMs: 0,
    aliveMs: null,
    absentSinceMs: null,
    failuresInRow: 0,
    malformedInRow: 0,
    lists: new Map(),
    failures: new Map(),
    missed: 0,
  };
}

/** Counts one more. */
export function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
