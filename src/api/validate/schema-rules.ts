import { Ajv, type ErrorObject, type FuncKeywordDefinition, type ValidateFunction } from "ajv";
import { RE2JS } from "re2js";
import { isDictionary } from "./defaults.ts";
import { describeProblem, type FieldPath, type FieldProblem, type ProblemType } from "./field-problem.ts";
import type { Schema } from "./schema.ts";

/** What the schema says of an object; `blocking` if the API server would not run CEL rules after it. */
export type SchemaFindings = { readonly problems: readonly FieldProblem[]; readonly blocking: boolean };

/** Compiles a structural schema to a function that judges objects by it. Patterns run on RE2, never on RegExp. */
export function compileSchema(schema: Schema): (object: unknown) => SchemaFindings {
  const validate = createAjv().compile(closed(schema));
  return (object) => judge(validate, object);
}

function createAjv(): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    ownProperties: true,
    unicodeRegExp: false,
    code: { regExp: Object.assign(compilePattern, { code: "re2" }) },
  });
  ajv.addFormat("int32", { type: "number", validate: (value) => value >= -(2 ** 31) && value < 2 ** 31 });
  ajv.addFormat("int64", { type: "number", validate: (value) => Number.isSafeInteger(value) });
  ajv.addFormat("date-time", { type: "string", validate: (value) => !Number.isNaN(Date.parse(value)) });
  ajv.addVocabulary(["x-kubernetes-list-map-keys", "x-kubernetes-validations"]);
  ajv.addKeyword(listTypeKeyword());
  return ajv;
}

/** What ajv takes for a RegExp; it tells patterns apart by their text. */
function compilePattern(pattern: string): { test: (text: string) => boolean; toString: () => string } {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.test(text), toString: () => pattern };
}

/** Makes unknown members errors, and leaves apiVersion, kind and metadata to those who know them. */
function closed(schema: Schema): Record<string, unknown> {
  const { properties, items, ...rest } = schema;
  const members = Object.entries(properties ?? {}).map(([name, member]) => [name, closed(member)] as const);
  return {
    ...rest,
    ...(items === undefined ? {} : { items: closed(items) }),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(members), additionalProperties: false }),
  };
}

type ListTypeFunction = {
  (listType: string, list: unknown[], node?: unknown): boolean;
  errors?: Partial<ErrorObject>[];
};

/** x-kubernetes-list-type: a set has no equal items, a map no items with equal keys. Errors carry the index of the later one. */
function listTypeKeyword(): FuncKeywordDefinition {
  const validate: ListTypeFunction = (listType, list, node) => {
    const keys = (node as Schema)["x-kubernetes-list-map-keys"] ?? [];
    validate.errors = listType === "atomic" ? [] : duplicates(list, listType === "map" ? keys : null);
    return validate.errors.length === 0;
  };
  return { keyword: "x-kubernetes-list-type", type: "array", schemaType: "string", validate };
}

function duplicates(list: readonly unknown[], keys: readonly string[] | null): Partial<ErrorObject>[] {
  const seen = new Set<string>();
  return [...list.entries()].flatMap(([index, item]) => {
    const identity = keys === null ? item : keysOf(item, keys);
    const text = JSON.stringify(identity);
    const repeated = seen.has(text);
    seen.add(text);
    return repeated ? [{ keyword: "duplicate", params: { index, identity } }] : [];
  });
}

function keysOf(item: unknown, keys: readonly string[]): unknown {
  return isDictionary(item) ? Object.fromEntries(keys.map((key) => [key, item[key]])) : item;
}

function judge(validate: ValidateFunction, object: unknown): SchemaFindings {
  if (validate(object)) return { problems: [], blocking: false };
  const found = (validate.errors ?? []).flatMap((error) => translate(error, object));
  const mistyped = new Set(found.filter((each) => each.mistyped).map((each) => each.problem.field));
  const kept = found.filter((each) => each.mistyped || !mistyped.has(each.problem.field));
  return { problems: kept.map((each) => each.problem), blocking: kept.some((each) => each.blocking) };
}

type Finding = { readonly problem: FieldProblem; readonly blocking: boolean; readonly mistyped: boolean };

/** The words for each keyword: the type of the problem, its detail, and whether CEL rules are skipped after it. */
const WORDING: Readonly<
  Record<string, readonly [type: ProblemType, blocking: boolean, detail: (error: ErrorObject) => string]>
> = {
  type: ["Invalid value", true, (error) => `must be of type ${String(error.params["type"])}`],
  required: ["Required value", true, () => ""],
  additionalProperties: ["Unknown field", false, (error) => expectedMembers(error)],
  enum: ["Unsupported value", true, (error) => `supported values: ${supported(error.params["allowedValues"])}`],
  maxLength: ["Too long", true, (error) => `may not be more than ${limit(error)} characters`],
  minLength: ["Invalid value", false, (error) => `must be at least ${limit(error)} characters long`],
  pattern: ["Invalid value", false, (error) => `must match '${String(error.params["pattern"])}'`],
  minimum: ["Invalid value", false, (error) => `must be greater than or equal to ${limit(error)}`],
  maximum: ["Invalid value", false, (error) => `must be less than or equal to ${limit(error)}`],
  maxItems: ["Too many", true, (error) => `must have at most ${limit(error)} items`],
  minItems: ["Invalid value", false, (error) => `must have at least ${limit(error)} items`],
  minProperties: ["Invalid value", false, (error) => `must have at least ${limit(error)} members`],
  format: ["Invalid value", false, (error) => `must be a valid ${String(error.params["format"])}`],
  duplicate: ["Duplicate value", false, () => ""],
};

function translate(error: ErrorObject, object: unknown): readonly Finding[] {
  const wording = WORDING[error.keyword];
  if (wording === undefined) return [];
  const [type, blocking, detail] = wording;
  const path = [...pathOf(error.instancePath, object), ...lastStep(error)];
  const problem = describeProblem(path, type, detail(error), shownValue(error));
  return [{ problem, blocking, mistyped: error.keyword === "type" }];
}

function lastStep(error: ErrorObject): FieldPath {
  const { missingProperty, additionalProperty, index } = error.params as Record<string, unknown>;
  const step = missingProperty ?? additionalProperty ?? index;
  return typeof step === "string" || typeof step === "number" ? [step] : [];
}

function shownValue(error: ErrorObject): unknown {
  if (error.keyword === "required" || error.keyword === "additionalProperties") return undefined;
  if (error.keyword === "duplicate") return error.params["identity"];
  return Array.isArray(error.data) && error.keyword !== "type" ? error.data.length : error.data;
}

function pathOf(pointer: string, object: unknown): FieldPath {
  const path: (string | number)[] = [];
  let current = object;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(current) ? Number(key) : key);
    current = (current as Record<string, unknown> | undefined)?.[key];
  }
  return path;
}

function limit(error: ErrorObject): string {
  return String(error.params["limit"]);
}

function supported(values: unknown): string {
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(", ") : "";
}

function expectedMembers(error: ErrorObject): string {
  return `expected one of ${Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {}).join(", ")}`;
}
