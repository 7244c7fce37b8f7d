import type { ObjectRef } from "./problem.ts";

const NAME_LENGTH = 253;

/** An object's name for people: `Ingress apps/web`. */
export function printObject(ref: ObjectRef): string {
  const name = ref.namespace === "" ? ref.name : `${ref.namespace}/${ref.name}`;
  return `${ref.kind} ${name}`;
}

/** Cuts what an object says of itself, so that no hostile name floods a log line. */
export function cut(text: string, length: number = NAME_LENGTH): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text;
}
