import { readPattern } from "../../../table/pattern.ts";
import { comparePrecedence, trimPrefix } from "../../../table/precedence.ts";
import type { FieldMatch, Match, PathMatch } from "../../../table/routing-table.ts";
import type { RouteClaim } from "../../../translate/claims.ts";
import { hostText } from "../../../translate/hosts.ts";
import type { Hint } from "./hint.ts";

/** Of matches that share a path, so many earlier ones are compared with each; nobody writes more. */
const MAX_COMPARED = 500;

const EVERY_PATH: ReadonlySet<string> = new Set([".*", "/.*", "(.*)", "/(.*)"]);

/** Matches that can never answer: others on the same host take all that they match, or there is nothing to match. */
export function matchHints(claims: readonly RouteClaim[]): readonly Hint[] {
  const readable = claims.filter((claim) => claim.readable && claim.host !== null);
  const shadows = [...Map.groupBy(readable, ({ group }) => group).values()].flatMap(shadowed);
  return [...shadows, ...impossible(readable)];
}

function shadowed(claims: readonly RouteClaim[]): readonly Hint[] {
  const earlier = new Map<string, RouteClaim[]>();
  const hints: Hint[] = [];
  for (const claim of claims.toSorted(comparePrecedence)) {
    const keys = new Set([pathKey(claim.match.path), EVERYTHING]);
    const candidates = [...keys].flatMap((key) => earlier.get(key) ?? []);
    const taker = candidates.find((each) => covers(each.match, claim.match));
    if (taker !== undefined && taker.conflictKey !== claim.conflictKey) hints.push(describe(claim, taker));
    const key = matchesEveryPath(claim.match.path) ? EVERYTHING : pathKey(claim.match.path);
    const known = earlier.get(key) ?? [];
    if (known.length < MAX_COMPARED) earlier.set(key, [...known, claim]);
  }
  return hints;
}

const EVERYTHING = "every path";

function pathKey({ type, value }: PathMatch): string {
  return JSON.stringify([type, type === "PathPrefix" ? trimPrefix(value) : value]);
}

function matchesEveryPath({ type, value }: PathMatch): boolean {
  if (type === "RegularExpression") return EVERY_PATH.has(value);
  return type === "PathPrefix" && trimPrefix(value) === "";
}

/** True if every request that `inner` matches is matched by `outer`; false may also mean that nobody can tell. */
export function covers(outer: Match, inner: Match): boolean {
  const samePath = pathKey(outer.path) === pathKey(inner.path) || matchesEveryPath(outer.path);
  return (
    samePath &&
    coverFields(outer.headers, inner.headers) &&
    coverFields(outer.queryParams, inner.queryParams) &&
    coverSubprotocols(outer.subprotocols, inner.subprotocols)
  );
}

function coverFields(outer: readonly FieldMatch[], inner: readonly FieldMatch[]): boolean {
  return outer.every((wide) => inner.some((narrow) => wide.name === narrow.name && coversField(wide, narrow)));
}

function coversField(wide: FieldMatch, narrow: FieldMatch): boolean {
  if (wide.type === narrow.type) return wide.value === narrow.value;
  if (wide.type === "Exact") return false;
  const read = readPattern(wide.value);
  return read.ok && read.pattern.matches(narrow.value);
}

/** Any of the names has to be offered: more names match more requests, and none matches all. */
function coverSubprotocols(outer: readonly string[], inner: readonly string[]): boolean {
  return outer.length === 0 || (inner.length > 0 && inner.every((name) => outer.includes(name)));
}

function describe(claim: RouteClaim, taker: RouteClaim): Hint {
  const { kind, namespace, name, rule } = taker.entry.rule.name;
  const host = claim.host === null ? "every host" : hostText(claim.host);
  return {
    code: "ShadowedMatch",
    object: claim.object,
    field: claim.field,
    value: `${claim.match.path.type} ${claim.match.path.value}`,
    message: `On ${host} every request of this match is taken by ${kind} ${namespace}/${name}, rule ${rule}.`,
    rival: { object: taker.object, field: taker.field },
  };
}

/** Said once of a match, not once a host. */
function impossible(claims: readonly RouteClaim[]): readonly Hint[] {
  const doubtful = claims.filter(({ match: { path } }) => isImpossible(path));
  const once = new Map(doubtful.map((claim) => [JSON.stringify([claim.object, claim.field]), claim]));
  return [...once.values()].map(({ object, field, match }) => ({
    code: "ImpossiblePattern",
    object,
    field,
    value: match.path.value,
    message: "Expected a pattern of a whole path, which begins with a slash.",
  }));
}

/** A pattern without alternatives that begins with a letter, digit or sign that stands for itself. */
function isImpossible({ type, value }: PathMatch): boolean {
  return type === "RegularExpression" && /^\^?[A-Za-z0-9_~-](?![?*{])/.test(value) && !value.includes("|");
}
