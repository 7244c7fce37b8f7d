import type { Clock } from "../base/ports.ts";

/** Lets so many through a second, and a burst at once. */
export type TokenBucket = {
  /** True if there was a token, which is gone then. */
  readonly take: () => boolean;
};

/** A full bucket of `burst` tokens that is filled at `perSecond`; 0 a second is no limit. */
export function createTokenBucket(clock: Clock, perSecond: number, burst: number): TokenBucket {
  let tokens = burst;
  let filledMs = clock.monotonicMs();
  return {
    take: () => {
      if (perSecond === 0) return true;
      const nowMs = clock.monotonicMs();
      tokens = Math.min(burst, tokens + ((nowMs - filledMs) * perSecond) / 1_000);
      filledMs = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
