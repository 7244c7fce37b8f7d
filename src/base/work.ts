/**
 * A computation in small steps, each well below a millisecond: between two of them others may have their turn. Who runs it
 * decides when. It gives its result at the end.
 */
export type Work<Result> = Generator<void, Result, void>;

/** How many of many cheap things are done in one step. */
const ITEMS_PER_STEP = 128;

/** Does all of a work now. Throws what it throws. */
export function finish<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Does something cheap with each of many items. */
export function* visit<Item>(items: Iterable<Item>, use: (item: Item) => void): Work<void> {
  let count = 0;
  for (const item of items) {
    use(item);
    count += 1;
    if (count % ITEMS_PER_STEP === 0) yield;
  }
}
