import { visit, type Work } from "./work.ts";

/** As of Array.prototype.sort. */
export type Compare<Item> = (a: Item, b: Item) => number;

/** Lists up to this length are sorted in one step. */
const RUN_LENGTH = 128;

/**
 * Sorts items, each once. `before` is an earlier result: what is still there of it is in order already, so that few new
 * items among many cost little. The answer is `before` itself if nothing has changed.
 */
export function* sortInSteps<Item>(
  items: Iterable<Item>,
  compare: Compare<Item>,
  before: readonly Item[] = [],
): Work<readonly Item[]> {
  const fresh = new Set<Item>();
  yield* visit(items, (item) => fresh.add(item));
  const kept: Item[] = [];
  yield* visit(before, (item) => {
    if (fresh.delete(item)) kept.push(item);
  });
  if (fresh.size === 0) return kept.length === before.length ? before : kept;
  return yield* merge(kept, yield* mergeSort([...fresh], compare), compare);
}

function* mergeSort<Item>(items: readonly Item[], compare: Compare<Item>): Work<readonly Item[]> {
  if (items.length <= RUN_LENGTH) return items.toSorted(compare);
  yield;
  const middle = items.length >> 1;
  const left = yield* mergeSort(items.slice(0, middle), compare);
  return yield* merge(left, yield* mergeSort(items.slice(middle), compare), compare);
}

function* merge<Item>(left: readonly Item[], right: readonly Item[], compare: Compare<Item>): Work<readonly Item[]> {
  const merged: Item[] = [];
  let next = 0;
  yield* visit(left, (item) => {
    for (let other = right[next]; other !== undefined && compare(other, item) < 0; other = right[next]) {
      merged.push(other);
      next += 1;
    }
    merged.push(item);
  });
  yield* visit(right.slice(next), (item) => merged.push(item));
  return merged;
}
