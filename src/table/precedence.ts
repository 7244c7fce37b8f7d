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

/** One question that decides between two of something; negative when the left one comes first, 0 when it does not decide. */
type Question<Item> = (left: Item, right: Item) => number;

const SPECIFICITY = {
  "path type": (left, right) => PATH_RANK[left.path.type] - PATH_RANK[right.path.type],
  "path length": (left, right) => pathLength(right.path) - pathLength(left.path),
  headers: (left, right) => right.headers.length - left.headers.length,
  "query parameters": (left, right) => right.queryParams.length - left.queryParams.length,
  subprotocols: (left, right) => Number(right.subprotocols.length > 0) - Number(left.subprotocols.length > 0),
} as const satisfies Record<string, Question<Match>>;

const AUTHORSHIP = {
  age: (left, right) => left.createdMs - right.createdMs,
  name: (left, right) => compareNames(left.object, right.object) || compareText(left.object.kind, right.object.kind),
  order: (left, right) => left.position - right.position,
} as const satisfies Record<string, Question<Claim>>;

const SPECIFICITY_ORDER = Object.entries<Question<Match>>(SPECIFICITY) as [keyof typeof SPECIFICITY, Question<Match>][];
const AUTHORSHIP_ORDER = Object.entries<Question<Claim>>(AUTHORSHIP) as [keyof typeof AUTHORSHIP, Question<Claim>][];

/** What decides between two claims: `default` puts default backends last. */
export type Criterion = "default" | keyof typeof SPECIFICITY | keyof typeof AUTHORSHIP;

/**
 * Orders the claims of one host group, the winner first; never 0 for claims of different places. This is the only
 * statement of precedence: defaults last; Exact, then RegularExpression, then PathPrefix, the longer value first; more
 * headers; more query parameters; a subprotocol; the oldest object; namespace/name; the order in the object.
 */
export function comparePrecedence(left: Claim, right: Claim): number {
  return decide(left, right)?.order ?? 0;
}

/** The first question that tells two claims apart, in the order of comparePrecedence; null if none does. */
export function decidingCriterion(left: Claim, right: Claim): Criterion | null {
  return decide(left, right)?.criterion ?? null;
}

/** Negative when `left` is the more specific match; 0 says nothing about whether the two are equal. */
export function compareSpecificity(left: Match, right: Match): number {
  return firstAnswer(SPECIFICITY_ORDER, left, right)?.order ?? 0;
}

type Decided<Name> = { readonly criterion: Name; readonly order: number };

function decide(left: Claim, right: Claim): Decided<Criterion> | null {
  const defaults = Number(left.isDefault) - Number(right.isDefault);
  if (defaults !== 0) return { criterion: "default", order: defaults };
  return firstAnswer(SPECIFICITY_ORDER, left.match, right.match) ?? firstAnswer(AUTHORSHIP_ORDER, left, right);
}

function firstAnswer<Name, Item>(
  questions: readonly (readonly [Name, Question<Item>])[],
  left: Item,
  right: Item,
): Decided<Name> | null {
  for (const [criterion, ask] of questions) {
    // Two objects that claim no age are infinitely young both, which makes the difference NaN.
    const order = ask(left, right) || 0;
    if (order !== 0) return { criterion, order };
  }
  return null;
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
