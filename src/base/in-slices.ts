import { setImmediate as nextTurn } from "node:timers/promises";
import { SLICE_MS } from "./lane.ts";
import type { Clock } from "./ports.ts";
import type { Work } from "./work.ts";

/** Does a work now, with a turn of the event loop for others after each slice. Rejects with what it throws. */
export async function inSlices<Result>(work: Work<Result>, clock: Pick<Clock, "monotonicMs">): Promise<Result> {
  let untilMs = clock.monotonicMs() + SLICE_MS;
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    if (clock.monotonicMs() < untilMs) continue;
    await nextTurn();
    untilMs = clock.monotonicMs() + SLICE_MS;
  }
}
