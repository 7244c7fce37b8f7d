/** How long to wait after failures in a row. */
export type Backoff = {
  /** Milliseconds to wait after one more failure. */
  readonly next: () => number;
  /** Something succeeded. */
  readonly reset: () => void;
};

const BASE_MS = 800;
const CEILING_MS = 30_000;
const MAX_DOUBLINGS = 6;

/** Full jitter: anything up to 0.8 s after the first failure, doubled up to 30 s. Replicas do not come back in step. */
export function createBackoff(random: () => number): Backoff {
  let failures = 0;
  return {
    next: () => {
      const mostMs = Math.min(CEILING_MS, BASE_MS * 2 ** failures);
      failures = Math.min(failures + 1, MAX_DOUBLINGS);
      return random() * mostMs;
    },
    reset: () => {
      failures = 0;
    },
  };
}
