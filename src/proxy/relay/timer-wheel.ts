import type { Clock, Timer } from "../../base/ports.ts";

/** One entry of a wheel. Opaque: only its wheel reads it. */
export type Watch<T> = {
  readonly owner: T;
  /** The tick at which it is due; -1 once removed. */
  dueTick: number;
  previous: Watch<T> | null;
  next: Watch<T> | null;
  /** The list it is in; -1 while in none. */
  bucket: number;
};

/**
 * Every timer of a relay thread in one place. An owner is looked at when it may be due; activity need not tell the wheel
 * anything, because the look compares timestamps and says when to look again.
 */
export type TimerWheel<T> = {
  /** Looks at `owner` at `dueMs` (monotonic) or within one tick after, never before. */
  readonly add: (owner: T, dueMs: number) => Watch<T>;
  /** Brings the next look forward to `dueMs`; a later time is ignored, as the look itself finds out. */
  readonly sooner: (watch: Watch<T>, dueMs: number) => void;
  /** Ends it; removing twice does nothing. */
  readonly remove: (watch: Watch<T>) => void;
  readonly size: () => number;
  /** Forgets everything. */
  readonly stop: () => void;
};

/** How a wheel runs. */
export type WheelSettings<T> = {
  readonly clock: Clock;
  /** How late a look may be, in ms. */
  readonly tickMs: number;
  /** Owners due later than buckets x tickMs are passed over once in that time. */
  readonly buckets: number;
  /** The next time to look at the owner, in monotonic ms; Infinity ends its watch. */
  readonly look: (owner: T, nowMs: number) => number;
};

type Wheel<T> = WheelSettings<T> & {
  readonly heads: (Watch<T> | null)[];
  size: number;
  /** The last tick whose bucket was seen. */
  turned: number;
  timer: Timer | null;
};

/** What a watch is due at while its look has not answered: only a wish for an earlier time can move it. */
const LOOKING = Number.MAX_SAFE_INTEGER;

/** An empty wheel; the clock's timer runs only while something is watched. */
export function createTimerWheel<T>(settings: WheelSettings<T>): TimerWheel<T> {
  const heads = Array.from({ length: settings.buckets }, () => null);
  const wheel: Wheel<T> = { ...settings, heads, size: 0, turned: 0, timer: null };
  return {
    add: (owner, dueMs) => {
      const watch: Watch<T> = { owner, dueTick: tickOf(wheel, dueMs), previous: null, next: null, bucket: -1 };
      wheel.size += 1;
      link(wheel, watch);
      run(wheel);
      return watch;
    },
    sooner: (watch, dueMs) => {
      if (watch.dueTick < 0 || tickOf(wheel, dueMs) >= watch.dueTick) return;
      unlink(wheel, watch);
      watch.dueTick = tickOf(wheel, dueMs);
      link(wheel, watch);
    },
    remove: (watch) => remove(wheel, watch),
    size: () => wheel.size,
    stop: () => {
      wheel.timer?.stop();
      wheel.timer = null;
      for (const bucket of heads.keys()) empty(wheel, bucket, (watch) => remove(wheel, watch));
    },
  };
}

function tickOf<T>({ tickMs }: Wheel<T>, dueMs: number): number {
  return Math.max(0, Math.ceil(dueMs / tickMs));
}

function run<T>(wheel: Wheel<T>): void {
  if (wheel.timer !== null || wheel.size === 0) return;
  const waitMs = (wheel.turned + 1) * wheel.tickMs - wheel.clock.monotonicMs();
  wheel.timer = wheel.clock.after(Math.max(1, waitMs), () => turn(wheel));
}

function turn<T>(wheel: Wheel<T>): void {
  wheel.timer = null;
  const nowMs = wheel.clock.monotonicMs();
  const until = Math.floor(nowMs / wheel.tickMs);
  // After a pause, or an idle time, one round sees every bucket; more would only see them again.
  wheel.turned = Math.max(wheel.turned, until - wheel.buckets);
  while (wheel.turned < until) {
    wheel.turned += 1;
    empty(wheel, wheel.turned % wheel.buckets, (watch) => visit(wheel, watch, nowMs));
  }
  run(wheel);
}

/** Hands out the watches of a bucket until none is left; `take` must move each elsewhere. */
function empty<T>({ heads }: Wheel<T>, bucket: number, take: (watch: Watch<T>) => void): void {
  for (let watch = heads[bucket]; watch; watch = heads[bucket]) take(watch);
}

function visit<T>(wheel: Wheel<T>, watch: Watch<T>, nowMs: number): void {
  unlink(wheel, watch);
  if (watch.dueTick <= wheel.turned) {
    watch.dueTick = LOOKING;
    const next = wheel.look(watch.owner, nowMs);
    const wish: number = watch.dueTick;
    if (wish < 0) return;
    unlink(wheel, watch);
    if (next === Number.POSITIVE_INFINITY && wish === LOOKING) return remove(wheel, watch);
    watch.dueTick = Math.max(Math.min(wish, tickOf(wheel, next)), Math.floor(nowMs / wheel.tickMs) + 1);
  }
  link(wheel, watch);
}

function remove<T>(wheel: Wheel<T>, watch: Watch<T>): void {
  if (watch.dueTick < 0) return;
  unlink(wheel, watch);
  watch.dueTick = -1;
  wheel.size -= 1;
}

/** Into the bucket of its tick, or of the farthest tick there is: never into the one that is being emptied. */
function link<T>(wheel: Wheel<T>, watch: Watch<T>): void {
  const tick = Math.min(Math.max(watch.dueTick, wheel.turned + 1), wheel.turned + wheel.buckets - 1);
  watch.bucket = tick % wheel.buckets;
  watch.next = wheel.heads[watch.bucket] ?? null;
  if (watch.next !== null) watch.next.previous = watch;
  wheel.heads[watch.bucket] = watch;
}

function unlink<T>({ heads }: Wheel<T>, watch: Watch<T>): void {
  if (watch.bucket < 0) return;
  if (watch.previous === null) heads[watch.bucket] = watch.next;
  else watch.previous.next = watch.next;
  if (watch.next !== null) watch.next.previous = watch.previous;
  watch.previous = null;
  watch.next = null;
  watch.bucket = -1;
}
