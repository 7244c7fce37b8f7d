import type { CelCompiler, CelProgram } from "./cel-environment.ts";
import { isDictionary } from "./defaults.ts";
import { describeProblem, type FieldPath, type FieldProblem, type ProblemType } from "./field-problem.ts";
import type { CelRule, Schema } from "./schema.ts";

/** A node of the schema that has rules, or has some below it. */
type RuledNode = {
  readonly toCel: ToCel;
  readonly rules: readonly (readonly [rule: CelRule, program: CelProgram])[];
  readonly members: ReadonlyMap<string, RuledNode>;
  readonly items: RuledNode | null;
};

/** Compiles every x-kubernetes-validations rule of a schema to one function. Throws if a rule does not parse. */
export function compileCelRules(schema: Schema, compiler: CelCompiler): (object: unknown) => readonly FieldProblem[] {
  const root = compileNode(schema, compiler.compile);
  return (object) => {
    compiler.renewBudget();
    return root === null ? [] : [...judge(root, object, [])];
  };
}

function compileNode(schema: Schema, compile: CelCompiler["compile"]): RuledNode | null {
  const rules = (schema["x-kubernetes-validations"] ?? []).map((rule) => [rule, compile(rule.rule)] as const);
  const members = new Map<string, RuledNode>();
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const node = compileNode(member, compile);
    if (node !== null) members.set(name, node);
  }
  const items = schema.items === undefined ? null : compileNode(schema.items, compile);
  if (rules.length === 0 && members.size === 0 && items === null) return null;
  return { toCel: compileConversion(schema), rules, members, items };
}

function* judge(node: RuledNode, value: unknown, path: FieldPath): Generator<FieldProblem> {
  if (value === undefined || value === null) return;
  if (node.rules.length > 0) yield* judgeRules(node, value, path);
  if (node.items !== null && Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* judge(node.items, item, [...path, index]);
  }
  if (isDictionary(value)) {
    for (const [name, member] of node.members) yield* judge(member, value[name], [...path, name]);
  }
}

function* judgeRules(node: RuledNode, value: unknown, path: FieldPath): Generator<FieldProblem> {
  const self = node.toCel(value);
  for (const [rule, program] of node.rules) {
    try {
      if (!program(self)) yield failed(rule, value, path);
    } catch (error) {
      const cause = error instanceof Error ? firstLine(error.message) : "unknown error";
      yield describeProblem(path, "Invalid value", `${rule.message}: ${cause}`, value);
    }
  }
}

const TYPES = {
  FieldValueInvalid: "Invalid value",
  FieldValueForbidden: "Forbidden",
  FieldValueRequired: "Required value",
  FieldValueDuplicate: "Duplicate value",
} as const satisfies Record<string, ProblemType>;

function failed(rule: CelRule, value: unknown, path: FieldPath): FieldProblem {
  const steps = rule.fieldPath?.split(".").slice(1) ?? [];
  const subject = steps.reduce((node: unknown, step) => (isDictionary(node) ? node[step] : undefined), value);
  const type = TYPES[rule.reason ?? "FieldValueInvalid"];
  const shown = type === "Forbidden" || type === "Required value" ? undefined : subject;
  return describeProblem([...path, ...steps], type, rule.message, shown);
}

/** A value as CEL sees it: integers of 64 bits, and only the members that the schema knows, by their escaped names. */
type ToCel = (value: unknown) => unknown;

function compileConversion(schema: Schema): ToCel {
  if (schema.type === "integer") return (value) => (Number.isInteger(value) ? BigInt(value as number) : value);
  if (schema.type === "array") return listConversion(schema.items);
  return schema.type === "object" ? objectConversion(schema) : (value) => value;
}

function listConversion(items: Schema | undefined): ToCel {
  const convert: ToCel = items === undefined ? (item) => item : compileConversion(items);
  return (value) => (Array.isArray(value) ? value.map((item: unknown) => convert(item)) : value);
}

function objectConversion(schema: Schema): ToCel {
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, member]) => [name, escapeName(name), compileConversion(member)] as const,
  );
  return (value) => {
    if (!isDictionary(value)) return value;
    const seen = new Map<string, unknown>();
    for (const [name, escaped, convert] of members) {
      const member = value[name];
      if (member !== undefined && member !== null) seen.set(escaped, convert(member));
    }
    return seen;
  };
}

const reserved: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

/** A field's name in CEL (Kubernetes' escaping of what CEL cannot spell). */
export function escapeName(name: string): string {
  if (reserved.has(name)) return `__${name}__`;
  return name
    .replaceAll("__", "__underscores__")
    .replaceAll(".", "__dot__")
    .replaceAll("-", "__dash__")
    .replaceAll("/", "__slash__");
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
