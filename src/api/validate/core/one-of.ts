import { describeProblem, type FieldPath, type FieldProblem } from "../field-problem.ts";

/** The transports of a port. */
export const PROTOCOLS: readonly string[] = ["SCTP", "TCP", "UDP"];

/** A value that must be one of a few; an absent one is no problem. */
export function judgeOneOf(value: string | undefined, values: readonly string[], path: FieldPath): FieldProblem[] {
  if (value === undefined || values.includes(value)) return [];
  const detail = `supported values: ${values.map((each) => JSON.stringify(each)).join(", ")}`;
  return [describeProblem(path, "Unsupported value", detail, value)];
}
