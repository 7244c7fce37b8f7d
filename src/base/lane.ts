import type { Clock, Timer } from "./ports.ts";
import type { Work } from "./work.ts";

/** Connections are served on the same thread: after this much work it is their turn. */
export const SLICE_MS = 5;

/** Does one kind of work, bit by bit. */
export type Lane = {
  /** Starts the work now, or once more as soon as the one that is under way has ended. */
  readonly run: () => void;
  /** Drops what is under way. */
  readonly stop: () => void;
};

/**
 * Runs a work in slices, so that no turn of the event loop is held for long. One is under way at a time, and it is never
 * dropped for a newer one: under a steady stream of changes nothing would ever be done. `failed` is told what it throws.
 */
export function createLane(clock: Clock, start: () => Work<void>, failed: (error: unknown) => void): Lane {
  let work: Work<void> | null = null;
  let timer: Timer | null = null;
  let isAskedAgain = false;
  const advance = (): boolean => {
    const untilMs = clock.monotonicMs() + SLICE_MS;
    try {
      work ??= start();
      while (work.next().done !== true) if (clock.monotonicMs() >= untilMs) return false;
    } catch (error) {
      failed(error);
    }
    return true;
  };
  const slice = (): void => {
    do {
      if (!advance()) {
        timer = clock.after(0, slice);
        return;
      }
      work = null;
    } while (takeRequest());
    timer = null;
  };
  const takeRequest = (): boolean => {
    const isAsked = isAskedAgain;
    isAskedAgain = false;
    return isAsked;
  };
  return {
    run: () => {
      if (work !== null) isAskedAgain = true;
      else slice();
    },
    stop: () => {
      timer?.stop();
      work = null;
      isAskedAgain = false;
    },
  };
}
