import type { Clock, Log, Timer } from "../base/ports.ts";

/** How many lines of each kind are logged: so many at once, and then so many a second. */
export type LineLimits = { readonly burst: number; readonly perSecond: number };

/** Several hundred lines a second in all, whatever is refused: a disk and a person's eye can follow. */
export const LINE_LIMITS: LineLimits = { burst: 500, perSecond: 50 };

/** Keeps what clients can cause from flooding the log: lines beyond the limits are counted, and the count is told. */
export type LineBudget = {
  /** Whether a line of this kind may be written now. A kind is a word of ours, never one of a client's. */
  readonly allows: (kind: string) => boolean;
  /** Lines that were left out since the start. */
  readonly leftOut: () => number;
  /** Tells at once what was left out and not told yet. */
  readonly flush: () => void;
};

/** While lines are left out, how often that is said. */
const SUMMARY_MS = 10_000;

/** Kinds that are told apart; should there ever be more, they share one limit. */
const MAX_KINDS = 128;
const OTHER = "other";

type Bucket = { lines: number; sinceMs: number };

/** Makes a budget in which everything is still allowed. Each kind has limits of its own, so that a flood of one hides no other. */
export function createLineBudget(log: Log, clock: Clock, limits: LineLimits = LINE_LIMITS): LineBudget {
  const buckets = new Map<string, Bucket>();
  const untold = new Map<string, number>();
  let leftOut = 0;
  let timer: Timer | null = null;
  const flush = (): void => {
    timer?.stop();
    timer = null;
    if (untold.size === 0) return;
    const lines = [...untold.values()].reduce((sum, count) => sum + count, 0);
    log.warn({ lines, kinds: Object.fromEntries(untold) }, "lines were left out: too many of one kind");
    untold.clear();
  };
  const countOut = (kind: string): void => {
    leftOut += 1;
    untold.set(kind, (untold.get(kind) ?? 0) + 1);
    timer ??= clock.after(SUMMARY_MS, flush);
  };
  return {
    allows: (wanted) => {
      const kind = buckets.has(wanted) || buckets.size < MAX_KINDS ? wanted : OTHER;
      const nowMs = clock.monotonicMs();
      const bucket = buckets.get(kind) ?? { lines: limits.burst, sinceMs: nowMs };
      buckets.set(kind, bucket);
      refill(bucket, nowMs, limits);
      if (bucket.lines < 1) {
        countOut(kind);
        return false;
      }
      bucket.lines -= 1;
      return true;
    },
    leftOut: () => leftOut,
    flush,
  };
}

function refill(bucket: Bucket, nowMs: number, { burst, perSecond }: LineLimits): void {
  bucket.lines = Math.min(burst, bucket.lines + ((nowMs - bucket.sinceMs) / 1_000) * perSecond);
  bucket.sinceMs = nowMs;
}

/** A log whose lines are written within a budget; a line's kind is its message, which has to be a constant. */
export function limitLog(log: Log, budget: LineBudget): Log {
  const limited =
    (write: Log["info"]): Log["info"] =>
    (fields, message) => {
      if (budget.allows(message)) write(fields, message);
    };
  return {
    debug: limited(log.debug),
    info: limited(log.info),
    warn: limited(log.warn),
    error: limited(log.error),
  };
}
