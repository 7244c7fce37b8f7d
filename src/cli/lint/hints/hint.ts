import type { ObjectRef } from "../../../base/problem.ts";
import type { HintCode } from "../hints.ts";

/** Something that lint alone finds, before its place in the files is known. */
export type Hint = {
  readonly code: HintCode;
  readonly object: ObjectRef;
  readonly field: string;
  readonly value: string;
  readonly message: string;
  /** What the hint is in conflict with. */
  readonly rival?: { readonly object: ObjectRef; readonly field: string };
};
