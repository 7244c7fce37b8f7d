import type { Clock, Timer } from "./ports.ts";

/** Turns bursts of events into single calls. */
export type Settling = {
  /** Something happened. */
  readonly touch: () => void;
  readonly stop: () => void;
};

/** How long to wait for quiet. */
export type SettlingTimes = {
  /** Calls this long after the last event. */
  readonly quietMs: number;
  /** But never later than this after the first. */
  readonly ceilingMs: number;
};

/** Calls `settled` once events have stopped for a while, and at the latest at the ceiling. */
export function settleDown(clock: Clock, times: SettlingTimes, settled: () => void): Settling {
  let timer: Timer | undefined;
  let firstMs: number | undefined;
  const fire = (): void => {
    timer = undefined;
    firstMs = undefined;
    settled();
  };
  return {
    touch: () => {
      const nowMs = clock.monotonicMs();
      firstMs ??= nowMs;
      timer?.stop();
      timer = clock.after(Math.max(0, Math.min(times.quietMs, firstMs + times.ceilingMs - nowMs)), fire);
    },
    stop: () => {
      timer?.stop();
      timer = undefined;
      firstMs = undefined;
    },
  };
}
