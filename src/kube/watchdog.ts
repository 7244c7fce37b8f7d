import type { Clock } from "../base/ports.ts";

/** Notices silence. */
export type Watchdog = {
  /** Something came. */
  readonly fed: () => void;
  readonly stop: () => void;
};

/** Calls `silent` once, if nothing was fed for `silenceMs`; feeding costs a number, not a timer. */
export function createWatchdog(clock: Clock, silenceMs: number, silent: () => void): Watchdog {
  let fedMs = clock.monotonicMs();
  const check = (): void => {
    const leftMs = fedMs + silenceMs - clock.monotonicMs();
    if (leftMs <= 0) silent();
    else timer = clock.after(leftMs, check);
  };
  let timer = clock.after(silenceMs, check);
  return {
    fed: () => {
      fedMs = clock.monotonicMs();
    },
    stop: () => timer.stop(),
  };
}
