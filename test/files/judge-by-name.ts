import { describeProblem, type FieldProblem } from "../../src/api/validate/field-problem.ts";
import type { Validator, ViewObject } from "../../src/api/validate/validator.ts";

/**
 * A validator with rules small enough to see through: `spec.bad`, `spec.rules[N].bad` and a Secret's `data[bad]` are
 * refused; `spec.needed: false` says that `spec.must` is missing.
 */
export const judgeByName: Validator = (kind, object) => {
  const written = object as Written;
  const problems = [...judgeSpec(written.spec ?? {}), ...(kind === "Secret" ? judgeData(written.data ?? {}) : [])];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, object: object as ViewObject };
};

type Fields = Readonly<Record<string, unknown>>;
type Written = { readonly spec?: Fields & { readonly rules?: readonly Fields[] }; readonly data?: Fields };

function judgeSpec(spec: NonNullable<Written["spec"]>): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  if ("bad" in spec) problems.push(describeProblem(["spec", "bad"], "Invalid value", "must be absent", spec["bad"]));
  if (spec["needed"] === false) problems.push(describeProblem(["spec", "must"], "Required value", ""));
  for (const [index, rule] of (spec.rules ?? []).entries()) {
    if (!("bad" in rule)) continue;
    problems.push(describeProblem(["spec", "rules", index, "bad"], "Unknown field", "is not known"));
  }
  return problems;
}

function judgeData(data: Fields): readonly FieldProblem[] {
  return "bad" in data ? [describeProblem(["data", "bad"], "Invalid value", "must be a certificate")] : [];
}
