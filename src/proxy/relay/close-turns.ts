import type { Clock, Timer } from "../../base/ports.ts";
import type { RelayId } from "./relay.ts";

/** When a connection is to be said goodbye to; monotonic ms. */
export type CloseTurn = { readonly id: RelayId; readonly dueMs: number };

/** A list of goodbyes that are spread over time, on one timer. */
export type CloseTurns = {
  /** Adds turns; an id that has one keeps it. */
  readonly plan: (turns: Iterable<CloseTurn>) => void;
  /** Takes back every turn that `keep` does not agree to. */
  readonly retain: (keep: (id: RelayId) => boolean) => void;
  /** Whether the id's turn is still to come. */
  readonly has: (id: RelayId) => boolean;
  /** Turns still to come. */
  readonly size: () => number;
  readonly stop: () => void;
};

/**
 * Spreads goodbyes evenly over a window that begins at `startMs`: number i of n is at window x (i + random) / n. Offsets
 * that do not know of each other would leave some seconds with many more closes than others.
 */
export function spreadEvenly(
  ids: readonly RelayId[],
  window: { readonly startMs: number; readonly windowMs: number },
  random: () => number,
): readonly CloseTurn[] {
  const { startMs, windowMs } = window;
  return ids.map((id, index) => ({ id, dueMs: startMs + (windowMs * (index + random())) / ids.length }));
}

/** An empty list; `close` is called for each id at its turn or as soon after as the process gets to it, in order. */
export function createCloseTurns(clock: Clock, close: (id: RelayId) => unknown): CloseTurns {
  const planned = new Map<RelayId, number>();
  let queue: readonly CloseTurn[] = [];
  let at = 0;
  let timer: Timer | null = null;

  const wait = (): void => {
    timer?.stop();
    const next = queue[at];
    timer = next === undefined ? null : clock.after(Math.max(0, next.dueMs - clock.monotonicMs()), run);
  };
  const run = (): void => {
    const nowMs = clock.monotonicMs();
    for (let next = queue[at]; next !== undefined && next.dueMs <= nowMs; next = queue[at]) {
      at += 1;
      planned.delete(next.id);
      close(next.id);
    }
    wait();
  };
  const order = (): void => {
    queue = [...planned].map(([id, dueMs]) => ({ id, dueMs })).sort((one, other) => one.dueMs - other.dueMs);
    at = 0;
    wait();
  };
  return {
    plan: (turns) => {
      for (const { id, dueMs } of turns) if (!planned.has(id)) planned.set(id, dueMs);
      order();
    },
    retain: (keep) => {
      for (const id of planned.keys()) if (!keep(id)) planned.delete(id);
      order();
    },
    has: (id) => planned.has(id),
    size: () => planned.size,
    stop: () => {
      planned.clear();
      order();
    },
  };
}
