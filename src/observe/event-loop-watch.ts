import type { Clock, Timer } from "../base/ports.ts";

/** Watches how late the event loop is. */
export type EventLoopWatch = { readonly stop: () => void };

/** Often enough that 15 seconds have 150 samples, and a pause of 100 ms cannot be missed. */
const EVERY_MS = 100;

/**
 * Tells, ten times a second, by how many milliseconds a timer was late: what an event that comes at any moment has to
 * wait until it is handled.
 */
export function watchEventLoop(clock: Clock, late: (ms: number) => void): EventLoopWatch {
  let timer: Timer;
  const wait = (): void => {
    const dueMs = clock.monotonicMs() + EVERY_MS;
    timer = clock.after(EVERY_MS, () => {
      late(Math.max(0, clock.monotonicMs() - dueMs));
      wait();
    });
  };
  wait();
  return { stop: () => timer.stop() };
}
