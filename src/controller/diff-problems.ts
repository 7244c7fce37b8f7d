import type { Problem } from "../base/problem.ts";

/** What changed between the problems of two translations. */
export type ProblemChange = { readonly appeared: readonly Problem[]; readonly gone: readonly Problem[] };

/** Problems that are new, and those that are no more; one that stays is in neither, so that it is said once. */
export function diffProblems(before: readonly Problem[], after: readonly Problem[]): ProblemChange {
  const known = new Set(before.map(identify));
  const current = new Set(after.map(identify));
  return {
    appeared: after.filter((problem) => !known.has(identify(problem))),
    gone: before.filter((problem) => !current.has(identify(problem))),
  };
}

function identify({ object, field, value, reason, message }: Problem): string {
  return JSON.stringify([object.kind, object.namespace, object.name, field, value, reason, message]);
}
