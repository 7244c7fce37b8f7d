import type { ObjectRef } from "../base/problem.ts";
import type { FileReason } from "./file-reasons.ts";

/** Both count from 1, as editors do. */
export type Position = { readonly line: number; readonly column: number };

/** A place in a manifest file; the file relative to the manifests directory, with forward slashes. */
export type FilePlace = Position & { readonly file: string };

/** Something wrong in a manifest file. Never holds a value of a Secret. */
export type FileProblem = FilePlace & {
  readonly reason: FileReason;
  readonly object?: ObjectRef;
  /** Where in the object, as the API server prints it: `spec.rules[0].host`. */
  readonly field?: string;
  /** What is wrong. */
  readonly message: string;
  /** What would be right; empty where the message says it all. */
  readonly expected: string;
};

/** The first character of a file: where a problem of the whole file is reported. */
export const FILE_START: Position = { line: 1, column: 1 };

/** A problem on one line, as compilers print it: `a.yaml:3:7: spec.rules: Required value`. */
export function printFileProblem(problem: FileProblem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const field = problem.field === undefined ? "" : ` ${problem.field}:`;
  const expected = problem.expected === "" ? "" : ` (expected: ${problem.expected})`;
  return `${place}:${field} ${problem.message}${expected}`;
}

const nameLength = 253;

/** An object's name for people: `Ingress apps/web`; over-long names are cut. */
export function printObject(ref: ObjectRef): string {
  const name = ref.namespace === "" ? ref.name : `${ref.namespace}/${ref.name}`;
  return `${ref.kind} ${name}`;
}

/** Cuts what a file says of itself, so that no hostile name floods a log line. */
export function cut(text: string, length: number = nameLength): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text;
}
