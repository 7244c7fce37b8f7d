import type { ObjectRef } from "../base/problem.ts";

/** One text for each object, whatever characters its names hold. */
export function keyOfRef(ref: ObjectRef): string {
  return JSON.stringify([ref.kind, ref.namespace, ref.name]);
}
