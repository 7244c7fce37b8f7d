import { type ConditionType, type Problem, REASONS } from "../base/problem.ts";
import type { Condition } from "./translation.ts";

const TYPES: readonly ConditionType[] = ["Accepted", "ResolvedRefs", "Programmed"];
const MAX_MESSAGE_LENGTH = 4096;

/**
 * What an object's status says of its problems. A condition is False if something that it speaks of is refused or lost,
 * or if an older version of the object is served; what was merely ignored leaves it True and is told in its message.
 */
export function conditionsOf(problems: readonly Problem[], generation: number | null): readonly Condition[] {
  return TYPES.map((type) => {
    const own = problems.filter((problem) => REASONS[problem.reason].condition === type);
    const failing = own.filter((problem) => problem.effect !== "ignored" || problem.reason === "Stale");
    const first = failing[0] ?? own[0];
    return {
      type,
      status: failing.length > 0 ? "False" : "True",
      observedGeneration: generation,
      reason: first?.reason ?? type,
      message: messageOf([...failing, ...own.filter((problem) => !failing.includes(problem))]),
    };
  });
}

function messageOf(problems: readonly Problem[]): string {
  const message = problems.map(({ field, message: text }) => (field === "" ? text : `${field}: ${text}`)).join(" ");
  return message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH - 1).toWellFormed()}…`;
}
