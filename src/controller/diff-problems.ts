import type { Problem } from "../base/problem.ts";

/** What changed between the problems of two translations. */
export type ProblemChange = { readonly appeared: readonly Problem[]; readonly gone: readonly Problem[] };

/** Problems that are new, and those that are no more; one that stays is in neither, so that it is said once. */
export function diffProblems(before: readonly Problem[], after: readonly Problem[]): ProblemChange {
  if (before === after) return { appeared: [], gone: [] };
  // Most problems stay the very same: only the others have to be told apart by what they say.
  const [known, current] = [new Set(before), new Set(after)];
  const fresh = after.filter((problem) => !known.has(problem));
  const left = before.filter((problem) => !current.has(problem));
  const leftTexts = new Set(left.map(identify));
  const freshTexts = new Set(fresh.map(identify));
  return {
    appeared: fresh.filter((problem) => !leftTexts.has(identify(problem))),
    gone: left.filter((problem) => !freshTexts.has(identify(problem))),
  };
}

function identify({ object, field, value, reason, message }: Problem): string {
  return JSON.stringify([object.kind, object.namespace, object.name, field, value, reason, message]);
}
