import type { Code } from "./codes.ts";
import type { Severity } from "./hints.ts";

/** One finding of lint, as -o json and yaml print it. */
export type Finding = {
  readonly severity: Severity;
  readonly code: Code;
  /** As the paths of the command line name it; empty for what no file holds. */
  readonly file: string;
  /** From 1; 0 where there is no file. */
  readonly line: number;
  /** From 1, in UTF-16 code units; 0 where there is no file. */
  readonly column: number;
  /** `Ingress apps/web`; empty where no object can be named. */
  readonly object: string;
  /** `spec.rules[0].host`; empty for the object itself. */
  readonly field: string;
  /** What is written there, shortened; never a value of a Secret. */
  readonly value: string;
  readonly message: string;
  /** What would be right, of what a schema or the reading of a file finds; empty where the message says it. */
  readonly expected: string;
  /** Whose rule or settings answer instead. */
  readonly rival: {
    readonly object: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
  } | null;
  /** Where the reference says what the code means and how it is mended. */
  readonly help: string;
  /** Where the reference describes the field, if it does. */
  readonly reference: string | null;
};

/** Where a finding is, in the form that compilers, editors and terminals know. */
export function printPlace({ file, line, column }: { file: string; line: number; column: number }): string {
  return file === "" ? "(no file)" : `${file}:${line}:${column}`;
}
