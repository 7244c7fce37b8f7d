import type { Clock } from "../base/ports.ts";
import { ApiFailure } from "./api-failure.ts";

/**
 * Waits for something that cannot be stopped, such as a credential plugin, but not for ever: rejects with an ApiFailure
 * after `ms`, and as soon as the signal is aborted.
 */
export function inTime<Value>(promise: Promise<Value>, ms: number, clock: Clock, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const give = (act: () => void): void => {
      timer.stop();
      signal.removeEventListener("abort", stop);
      act();
    };
    const stop = (): void => give(() => reject(new ApiFailure("unauthorized", "the request was given up")));
    const timer = clock.after(ms, () =>
      give(() => reject(new ApiFailure("unauthorized", `no credentials could be had within ${ms / 1_000} s`))),
    );
    signal.addEventListener("abort", stop);
    promise.then(
      (value) => give(() => resolve(value)),
      (error: unknown) => give(() => reject(error)),
    );
    if (signal.aborted) stop();
  });
}
