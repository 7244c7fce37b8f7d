import type { CelCompiler } from "./cel-environment.ts";
import { compileCelRules } from "./cel-rules.ts";
import { applyDefaults } from "./defaults.ts";
import type { FieldProblem } from "./field-problem.ts";
import type { Schema } from "./schema.ts";
import { compileSchema } from "./schema-rules.ts";

/** An object after defaulting, and what is wrong with it. */
export type Judged = { readonly object: unknown; readonly problems: readonly FieldProblem[] };

/**
 * Compiles a CRD's schema to what an API server does with a custom resource: defaults, schema, list types, then CEL
 * rules, which are skipped after errors that would make them mislead (wrong types, missing or too many values).
 */
export function compileCustomResource(schema: Schema, compiler: CelCompiler): (object: unknown) => Judged {
  const judgeSchema = compileSchema(schema);
  const judgeRules = compileCelRules(schema, compiler);
  return (written) => {
    const object = applyDefaults(written, schema);
    const { problems, blocking } = judgeSchema(object);
    if (blocking) return { object, problems };
    const known = new Set(problems.map((problem) => problem.field));
    const broken = judgeRules(object).filter((problem) => !known.has(problem.field));
    return { object, problems: [...problems, ...broken] };
  };
}
