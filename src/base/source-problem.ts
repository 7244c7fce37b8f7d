import type { ObjectRef } from "./problem.ts";

/** Something that keeps an object from being read as it was written. Never holds a value of a Secret. */
export type SourceProblem = {
  /** A row of READING_REASONS or REASONS. */
  readonly reason: string;
  readonly object?: ObjectRef;
  /** Where in the object, as the API server prints it: `spec.rules[0].host`. */
  readonly field?: string;
  /** What is wrong. */
  readonly message: string;
  /** What would be right; empty where the message says it all. */
  readonly expected: string;
  /** Where it is written, for an object of a file; lines and columns count from 1. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
};
