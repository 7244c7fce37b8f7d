import { isDeepStrictEqual } from "node:util";
import { findFault } from "../api/find-fault.ts";
import { apiVersionsOf, type KindName, type WatchedKind } from "../api/kinds.ts";
import { REASON_OF_TYPE } from "../api/reading-reasons.ts";
import { type Dictionary, isDictionary } from "../api/validate/defaults.ts";
import { type FieldProblem, printPath } from "../api/validate/field-problem.ts";
import type { Validator, ViewObject } from "../api/validate/validator.ts";
import { cut } from "../base/object-name.ts";
import type { ObjectRef } from "../base/problem.ts";
import type { SourceProblem } from "../base/source-problem.ts";
import type { RawObject } from "./raw-object.ts";

/** What is kept of one object of the cluster. */
export type Kept = {
  readonly ref: ObjectRef;
  readonly uid: string;
  /** The resourceVersion that was judged last. */
  readonly version: string;
  /** What is served: its last good version; null if there never was one. */
  readonly object: ViewObject | null;
  /** True if nothing better was ever there: the object is valid, but useless. */
  readonly isFaulty: boolean;
  /** What is wrong with the version that was judged last. */
  readonly problem: SourceProblem | null;
  /** True if what is served is older than what was judged last. */
  readonly isStale: boolean;
};

/** Judges the newest version of an object, given what was kept of it. */
export type Judge = (raw: RawObject, before: Kept | undefined) => Kept;

/** Written by `kubectl apply`: the whole object once more. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Judges objects of one kind as the API server did, and keeps the last good version of what is not so. A newer object of
 * the same name is another object: the old one's last good version is none of its. An equal object keeps its identity.
 */
export function createJudge(row: WatchedKind & { readonly kind: KindName }, validate: Validator): Judge {
  return (raw, known) => {
    const before = known !== undefined && known.uid === raw.uid ? known : undefined;
    const ref = { kind: row.kind, namespace: raw.namespace, name: raw.name };
    const kept = { ref, uid: raw.uid, version: raw.version };
    const verdict = validate(row.kind, strip(raw.body, row));
    if (!verdict.ok) return { ...kept, ...fallBack(before, problemOf(ref, verdict.problems[0])) };
    const problem = faultOf(ref, verdict.object);
    if (problem !== null && hasGood(before)) return { ...kept, ...fallBack(before, problem) };
    const isSame = isDeepStrictEqual(before?.object, verdict.object);
    const object = isSame ? (before?.object ?? null) : verdict.object;
    return { ...kept, object, isFaulty: problem !== null, problem, isStale: false };
  };
}

function hasGood(kept: Kept | undefined): boolean {
  return kept !== undefined && kept.object !== null && !kept.isFaulty;
}

function faultOf(object: ObjectRef, valid: ViewObject): SourceProblem | null {
  const fault = findFault(valid);
  if (fault === null) return null;
  const { path, message } = fault;
  return { reason: "InvalidCertificate", object, field: printPath(path), message, expected: "" };
}

/** True if a view that holds one differs from a view that holds the other. */
export function looksDifferent(one: Kept | undefined, other: Kept | undefined): boolean {
  const [first, second] = [lookOf(one), lookOf(other)];
  return first.some((part, index) => part !== second[index]);
}

function lookOf(kept: Kept | undefined): readonly unknown[] {
  const { object = null, isStale = false, problem = null } = kept ?? {};
  return [object, isStale, problem?.message];
}

function fallBack(
  before: Kept | undefined,
  problem: SourceProblem,
): Pick<Kept, "object" | "isFaulty" | "problem" | "isStale"> {
  const object = before?.object ?? null;
  return { object, isFaulty: before?.isFaulty ?? false, problem, isStale: object !== null };
}

/** What translation never reads is not kept; an object of a list does not say what it is. */
function strip(body: Dictionary, row: WatchedKind): Dictionary {
  const { status: _status, metadata, ...rest } = body;
  const { name, namespace, uid, generation, creationTimestamp, labels, annotations } = metadata as Dictionary;
  const kept = { name, namespace, uid, generation, creationTimestamp, labels, annotations: withoutCopy(annotations) };
  const present = Object.entries(kept).filter(([, value]) => value !== undefined);
  const type = { apiVersion: body["apiVersion"] ?? apiVersionsOf(row)[0], kind: body["kind"] ?? row.kind };
  return { ...rest, ...type, metadata: Object.fromEntries(present) };
}

function withoutCopy(annotations: unknown): unknown {
  if (!isDictionary(annotations)) return annotations;
  const { [LAST_APPLIED]: _copy, ...rest } = annotations;
  return rest;
}

/** Of several problems the first: one is mended after the other. A Secret's values are in no message. */
function problemOf(object: ObjectRef, problem: FieldProblem | undefined): SourceProblem {
  const { field = "", message = "", type = "Invalid value" } = problem ?? {};
  return {
    reason: REASON_OF_TYPE[type],
    object,
    field: cut(field),
    message: cut(object.kind === "Secret" ? type : message),
    expected: "",
  };
}
