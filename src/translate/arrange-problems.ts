import { compareText } from "../base/compare-text.ts";
import type { Problem } from "../base/problem.ts";
import { sortInSteps } from "../base/sort-in-steps.ts";
import { visit, type Work } from "../base/work.ts";
import { compareRefs } from "./order.ts";

/** Problems in order, each once; and with repetitions, for the next time. */
export type Arranged = { readonly problems: readonly Problem[]; readonly sorted: readonly Problem[] };

/** No problem at all. */
export const NO_PROBLEMS: Arranged = { problems: [], sorted: [] };

/** Sorts problems by object and field, and drops repetitions. The answer is `before` itself if they are the very same. */
export function* arrangeProblems(problems: Iterable<Problem>, before: Arranged): Work<Arranged> {
  const sorted = yield* sortInSteps(problems, compareProblems, before.sorted);
  if (sorted === before.sorted) return before;
  const distinct: Problem[] = [];
  yield* visit(sorted, (problem) => {
    const last = distinct.at(-1);
    if (last === undefined || compareProblems(last, problem) !== 0) distinct.push(problem);
  });
  return { problems: distinct, sorted };
}

function compareProblems(a: Problem, b: Problem): number {
  return (
    compareRefs(a.object, b.object) ||
    compareText(a.field, b.field) ||
    compareText(a.reason, b.reason) ||
    compareText(a.message, b.message) ||
    compareText(a.value, b.value) ||
    compareText(a.effect, b.effect)
  );
}
