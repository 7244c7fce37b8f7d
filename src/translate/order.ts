import type { Metadata } from "../api/core.ts";
import { compareNames, compareText } from "../base/compare-text.ts";
import type { ObjectRef } from "../base/problem.ts";

/** The parts of an object that decide who came first. */
export type Dated = { readonly kind: string; readonly metadata: Metadata };

/**
 * Oldest creationTimestamp first, then namespace/name, then kind. An object without a readable timestamp claims no age
 * and comes after those that have one. Objects that share all of these are told apart by their text, so that the order
 * of a list never matters.
 */
export function compareAge(a: Dated, b: Dated): number {
  return (
    compareNumber(createdMs(a.metadata), createdMs(b.metadata)) ||
    compareNames(nameOf(a), nameOf(b)) ||
    compareText(a.kind, b.kind) ||
    (a === b ? 0 : compareText(JSON.stringify(a), JSON.stringify(b)))
  );
}

function nameOf({ metadata }: Dated): { readonly namespace: string; readonly name: string } {
  return { namespace: metadata.namespace ?? "", name: metadata.name };
}

/** What a claim to a place in the tables says of its author's age. */
export type Aged = { readonly createdMs: number; readonly object: ObjectRef; readonly position: number };

/** The oldest object's claims first, then by namespace/name and kind, then in the order in which the object makes them. */
export function compareClaimAge(a: Aged, b: Aged): number {
  return (
    compareNumber(a.createdMs, b.createdMs) ||
    compareNames(a.object, b.object) ||
    compareText(a.object.kind, b.object.kind) ||
    a.position - b.position
  );
}

/** Compares two references by kind, namespace and name. */
export function compareRefs(a: ObjectRef, b: ObjectRef): number {
  return compareText(a.kind, b.kind) || compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
}

/** One text for each object, unlike that of any other. */
export function refKey({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace}/${name}`;
}

/** Names an object; cluster-scoped ones have an empty namespace. */
export function refOf(object: Dated): ObjectRef {
  return { kind: object.kind, namespace: object.metadata.namespace ?? "", name: object.metadata.name };
}

/** Milliseconds since the epoch; infinite for an object that claims no age. */
export function createdMs(metadata: Metadata): number {
  const ms = Date.parse(metadata.creationTimestamp ?? "");
  return Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms;
}

function compareNumber(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
