/** Where in an object: field names and list indexes, from the root. Empty for the object itself. */
export type FieldPath = readonly (string | number)[];

/** What is wrong with a field, in the API server's words (its field.ErrorType). */
export type ProblemType =
  | "Invalid value"
  | "Required value"
  | "Unsupported value"
  | "Duplicate value"
  | "Too many"
  | "Too long"
  | "Forbidden"
  | "Unknown field";

/** A value that the API server would refuse. */
export type FieldProblem = {
  readonly path: FieldPath;
  /** `path` as the API server prints it: `spec.rules[0].host`, `data[tls.crt]`. */
  readonly field: string;
  readonly type: ProblemType;
  /** What is written there as JSON, cut to 120 characters; empty if nothing is; never a Secret's data. */
  readonly value: string;
  /** Without the field: `Invalid value: "x": must be ...`. */
  readonly message: string;
};

/** Prints a path as the API server does; keys that are no plain name are in brackets. */
export function printPath(path: FieldPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (isPlainName(step)) text += text === "" ? step : `.${step}`;
    else text += `[${step}]`;
  }
  return text === "" ? "<root>" : text;
}

/** Names a problem; `value` is left out for Required, Forbidden and unknown fields, where it says nothing. */
export function describeProblem(path: FieldPath, type: ProblemType, detail: string, value?: unknown): FieldProblem {
  const printed = value === undefined ? "" : printValue(value);
  const parts = [type, ...(printed === "" ? [] : [printed]), ...(detail === "" ? [] : [detail])];
  return { path, field: printPath(path), type, value: printed, message: parts.join(": ") };
}

const valueLength = 120;

function printValue(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? Number(inner) : inner)) ?? "";
  return text.length > valueLength ? `${text.slice(0, valueLength - 3)}...` : text;
}

function isPlainName(step: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(step);
}
