import { type Dictionary, isDictionary } from "./defaults.ts";
import { describeProblem, type FieldPath, type FieldProblem } from "./field-problem.ts";

/** The form of a core kind, as far as decoding goes: which fields there are and what type each has. A `secret` is a string that no problem shows. */
export type Shape =
  | "string"
  | "integer"
  | "boolean"
  | "integer-or-string"
  | "secret"
  | "any"
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

/** A list of one shape. */
export function list(shape: Shape): Shape {
  return { list: shape };
}

/** A map with keys of the author's choice. */
export function map(shape: Shape): Shape {
  return { map: shape };
}

/** An object with exactly these fields, all optional. Names in one string, separated by spaces, are of any form and not read. */
export function fields(members: Readonly<Record<string, Shape>>, unread = ""): Shape {
  const names = unread.split(" ").filter((name) => name !== "");
  return { fields: { ...members, ...Object.fromEntries(names.map((name) => [name, "any"] as const)) } };
}

/**
 * Decodes a value strictly, as an API server does before it validates: nulls become absent, unknown fields and wrong
 * types are problems, which are added to `problems`. Returns a copy.
 */
export function decode(value: unknown, shape: Shape, path: FieldPath, problems: FieldProblem[]): unknown {
  if (shape === "any") return value;
  if (typeof shape === "string") return decodeScalar(value, shape, path, problems);
  if ("list" in shape) return decodeList(value, shape.list, path, problems);
  return decodeObject(value, shape, path, problems);
}

type Scalar = Exclude<Extract<Shape, string>, "any">;

function decodeScalar(value: unknown, shape: Scalar, path: FieldPath, problems: FieldProblem[]): unknown {
  const type = typeof value === "number" && isInt32(value) ? "integer" : typeof value;
  const wanted = shape === "secret" ? "string" : shape;
  if (!wanted.split("-or-").includes(type)) problems.push(mistyped(path, wanted.replaceAll("-", " "), value, shape));
  return value;
}

function mistyped(path: FieldPath, wanted: string, value: unknown, shape: Shape): FieldProblem {
  return describeProblem(path, "Invalid value", `must be of type ${wanted}`, shape === "secret" ? undefined : value);
}

function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
}

function decodeList(value: unknown, shape: Shape, path: FieldPath, problems: FieldProblem[]): unknown {
  if (!Array.isArray(value)) {
    problems.push(mistyped(path, "array", value, shape));
    return value;
  }
  return value.map((item: unknown, index) => decode(item, shape, [...path, index], problems));
}

function decodeObject(
  value: unknown,
  shape: Exclude<Shape, string | { readonly list: Shape }>,
  path: FieldPath,
  problems: FieldProblem[],
): unknown {
  if (!isDictionary(value)) {
    problems.push(mistyped(path, "object", value, "map" in shape ? shape.map : "any"));
    return value;
  }
  const copy: Dictionary = Object.create(null) as Dictionary;
  for (const [key, member] of Object.entries(value)) {
    const known = "map" in shape ? shape.map : fieldOf(shape.fields, key);
    if (known === undefined) problems.push(describeProblem([...path, key], "Unknown field", expected(shape)));
    else if (member !== null) copy[key] = decode(member, known, [...path, key], problems);
  }
  return copy;
}

function fieldOf(known: Readonly<Record<string, Shape>>, key: string): Shape | undefined {
  return Object.hasOwn(known, key) ? known[key] : undefined;
}

function expected(shape: Shape): string {
  return typeof shape === "object" && "fields" in shape
    ? `expected one of ${Object.keys(shape.fields).join(", ")}`
    : "";
}
