import type { ReadingReason } from "../api/reading-reasons.ts";
import type { SourceProblem } from "../base/source-problem.ts";

/** Both count from 1, as editors do. */
export type Position = { readonly line: number; readonly column: number };

/** A place in a manifest file; the file relative to the manifests directory, with forward slashes. */
export type FilePlace = Position & { readonly file: string };

/** Something wrong in a manifest file. Never holds a value of a Secret. */
export type FileProblem = SourceProblem & FilePlace & { readonly reason: ReadingReason };

/** The first character of a file: where a problem of the whole file is reported. */
export const FILE_START: Position = { line: 1, column: 1 };

/** A problem on one line, as compilers print it: `a.yaml:3:7: spec.rules: Required value`. */
export function printFileProblem(problem: FileProblem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const field = problem.field === undefined ? "" : ` ${problem.field}:`;
  const expected = problem.expected === "" ? "" : ` (expected: ${problem.expected})`;
  return `${place}:${field} ${problem.message}${expected}`;
}
