import { compareNames, compareText } from "../base/compare-text.ts";
import type { ObjectRef } from "../base/problem.ts";
import type { FieldMatch, Match, PathMatch } from "./routing-table.ts";

/** An entry's claim to its place in a host group: what it matches, and who wrote it when. */
export type Claim = {
  readonly match: Match;
  /** An Ingress's defaultBackend: behind every other entry of its host, whatever it matches. */
  readonly isDefault: boolean;
  readonly object: ObjectRef;
  /** creationTimestamp in milliseconds since the epoch. */
  readonly createdMs: number;
  /** Counts the matches of the object in the order in which they are written. */
  readonly position: number;
};

const PATH_RANK = { Exact: 0, RegularExpression: 1, PathPrefix: 2 } as const satisfies Record<
  PathMatch["type"],
  number
>;

/**
 * Orders the claims of one host group, the winner first; never 0 for claims of different places. This is the only
 * statement of precedence: defaults last; Exact, then RegularExpression, then PathPrefix, the longer value first; more
 * headers; more query parameters; a subprotocol; the oldest object; namespace/name; the order in the object.
 */
export function comparePrecedence(left: Claim, right: Claim): number {
  return (
    Number(left.isDefault) - Number(right.isDefault) ||
    compareSpecificity(left.match, right.match) ||
    compareAge(left, right) ||
    left.position - right.position
  );
}

/** Negative when `left` is the more specific match; 0 says nothing about whether the two are equal. */
export function compareSpecificity(left: Match, right: Match): number {
  return (
    PATH_RANK[left.path.type] - PATH_RANK[right.path.type] ||
    pathLength(right.path) - pathLength(left.path) ||
    right.headers.length - left.headers.length ||
    right.queryParams.length - left.queryParams.length ||
    Number(right.subprotocols.length > 0) - Number(left.subprotocols.length > 0)
  );
}

/** Equal for two claims exactly when they match the same requests as written: the one that comes later can never answer. */
export function conflictKey(claim: Claim): string {
  const { path, headers, queryParams, subprotocols } = claim.match;
  const value = path.type === "PathPrefix" ? trimPrefix(path.value) : path.value;
  return JSON.stringify([
    claim.isDefault,
    path.type,
    value,
    headers.map(fieldKey).toSorted(),
    queryParams.map(fieldKey).toSorted(),
    [...new Set(subprotocols)].toSorted(),
  ]);
}

/** A PathPrefix without its trailing slash: /ws and /ws/ are one prefix, and / is the empty one. */
export function trimPrefix(value: string): string {
  return value.endsWith("/") ? value.slice(0, -1) : value;
}

function pathLength(path: PathMatch): number {
  return path.type === "PathPrefix" ? trimPrefix(path.value).length : path.value.length;
}

function fieldKey(field: FieldMatch): string {
  return JSON.stringify([field.name, field.type, field.value]);
}

function compareAge(left: Claim, right: Claim): number {
  return (
    left.createdMs - right.createdMs ||
    compareNames(left.object, right.object) ||
    compareText(left.object.kind, right.object.kind)
  );
}
