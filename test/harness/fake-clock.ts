import type { Clock } from "../../src/base/ports.ts";

/** A clock that stands still until it is told to move. */
export type FakeClock = Clock & {
  /** Moves on by `ms`; timers fire in order, each at its own time. */
  readonly advance: (ms: number) => void;
  /** Moves on by `ms` at once: timers fire late, as after a pause of the process. */
  readonly jump: (ms: number) => void;
  /** Timers that are set. */
  readonly pending: () => number;
};

type Alarm = { readonly dueMs: number; readonly callback: () => void };

/** Starts at `startMs`; both times are the same. */
export function createFakeClock(startMs = 0): FakeClock {
  let nowMs = startMs;
  const alarms = new Set<Alarm>();
  const fireUntil = (endMs: number, moves: boolean): void => {
    for (;;) {
      const next = [...alarms].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) return;
      alarms.delete(next);
      if (moves) nowMs = Math.max(nowMs, next.dueMs);
      next.callback();
    }
  };
  return {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (ms, callback) => {
      const alarm = { dueMs: nowMs + ms, callback };
      alarms.add(alarm);
      return { stop: () => alarms.delete(alarm) };
    },
    advance: (ms) => {
      const endMs = nowMs + ms;
      fireUntil(endMs, true);
      nowMs = endMs;
    },
    jump: (ms) => {
      nowMs += ms;
      fireUntil(nowMs, false);
    },
    pending: () => alarms.size,
  };
}
