import type { Clock, Timer } from "../../base/ports.ts";

/** A budget of time that is spent only while it runs. */
export type Budget = {
  /** Goes on spending; does nothing when it already runs, is spent, or was ended. */
  readonly run: () => void;
  /** Stands still, keeping what is left. */
  readonly pause: () => void;
  /** Never expires any more. */
  readonly end: () => void;
};

/** A budget of `ms` milliseconds, standing still; `expired` is called once, when it is spent. */
export function createBudget(clock: Clock, ms: number, expired: () => void): Budget {
  let leftMs = ms;
  let ended = false;
  let running: { readonly timer: Timer; readonly sinceMs: number } | null = null;

  const pause = (): void => {
    if (running === null) return;
    running.timer.stop();
    leftMs = Math.max(0, leftMs - (clock.monotonicMs() - running.sinceMs));
    running = null;
  };
  const end = (): void => {
    pause();
    ended = true;
  };
  const expire = (): void => {
    end();
    expired();
  };
  const run = (): void => {
    if (ended || running !== null) return;
    running = { timer: clock.after(leftMs, expire), sinceMs: clock.monotonicMs() };
  };
  return { run, pause, end };
}

/** Notices when nothing happened for a while. */
export type Watch = {
  /** Something happened: the while begins anew. Cheap enough for every chunk. */
  readonly touch: () => void;
  readonly stop: () => void;
};

/** Calls `quiet` each time that `ms` milliseconds pass without a touch, until stopped; 0 milliseconds never does. */
export function watchQuiet(clock: Clock, ms: number, quiet: () => void): Watch {
  if (ms === 0) return { touch: () => {}, stop: () => {} };
  let touchedMs = clock.monotonicMs();
  let stopped = false;

  const check = (): void => {
    if (stopped) return;
    const leftMs = touchedMs + ms - clock.monotonicMs();
    if (leftMs <= 0) {
      touchedMs = clock.monotonicMs();
      quiet();
    }
    if (!stopped) timer = clock.after(Math.max(1, leftMs <= 0 ? ms : leftMs), check);
  };
  let timer = clock.after(ms, check);

  return {
    touch: () => {
      touchedMs = clock.monotonicMs();
    },
    stop: () => {
      stopped = true;
      timer.stop();
    },
  };
}
