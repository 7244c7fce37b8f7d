import type { Clock, Timer } from "../../src/base/ports.ts";

/** A clock that moves only when told to. */
export type ManualClock = Clock & {
  /** Moves on, calling due timers in order of their time. */
  readonly advance: (ms: number) => void;
  /** How many timers are waiting. */
  readonly pending: () => number;
};

/** A clock at `startMs` of both its times. */
export function createManualClock(startMs = 1_000_000): ManualClock {
  let nowMs = startMs;
  const waiting = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  const after = (ms: number, callback: () => void): Timer => {
    const entry = { atMs: nowMs + ms, callback };
    waiting.add(entry);
    return { stop: () => void waiting.delete(entry) };
  };
  const advance = (ms: number): void => {
    const endMs = nowMs + ms;
    for (;;) {
      const [next] = [...waiting].filter((entry) => entry.atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      waiting.delete(next);
      nowMs = Math.max(nowMs, next.atMs);
      next.callback();
    }
    nowMs = endMs;
  };
  return { wallMs: () => nowMs, monotonicMs: () => nowMs, after, advance, pending: () => waiting.size };
}
