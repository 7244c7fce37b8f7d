import { isDeepStrictEqual } from "node:util";
import type { View } from "../api/view.ts";

/** What has to be done because of a newer view. */
export type Change = "none" | "endpoints" | "everything";

/**
 * Compares two views object by object: a source keeps what did not change, so identity says it. Nothing but
 * EndpointSlices can change without a route being able to.
 */
export function findChange(before: View, after: View): Change {
  const { endpointSlices: slicesBefore, stale: staleBefore, ...restBefore } = before;
  const { endpointSlices: slicesAfter, stale: staleAfter, ...restAfter } = after;
  const lists = Object.keys(restBefore) as (keyof typeof restBefore)[];
  const isRestSame = lists.every((list) => haveSameObjects(restBefore[list], restAfter[list]));
  if (!isRestSame || !isDeepStrictEqual(staleBefore, staleAfter)) return "everything";
  return haveSameObjects(slicesBefore, slicesAfter) ? "none" : "endpoints";
}

function haveSameObjects(before: readonly object[], after: readonly object[]): boolean {
  if (before === after) return true;
  if (before.length !== after.length) return false;
  const known = new Set(before);
  return after.every((object) => known.has(object));
}
