import type { Problem } from "../base/problem.ts";
import { MAX_PATTERNS_PER_HOST } from "../table/pattern.ts";
import { comparePrecedence, trimPrefix } from "../table/precedence.ts";
import type { Match } from "../table/routing-table.ts";
import { groupKey, type RouteClaim } from "./claims.ts";
import { reportTo } from "./findings.ts";
import { hostText } from "./hosts.ts";
import { compareClaimAge } from "./order.ts";
import { refuseRule } from "./rule.ts";

/** A claim that is settled: it can be matched, and says what it answers. */
export type SettledClaim = RouteClaim & {
  /** Stands in for a match that nobody can read, behind everything else on its host. */
  readonly lastResort: boolean;
};

/**
 * Marks the claims whose patterns are more than one host may hold as unreadable. The oldest objects' patterns count
 * first, so that nobody can take another's away.
 */
export function boundPatterns(claims: readonly RouteClaim[], problems: Problem[]): readonly RouteClaim[] {
  const used = new Map<string, number>();
  return claims.toSorted(compareClaimAge).map((claim) => {
    const wanted = claim.readable ? countPatterns(claim.match) : 0;
    if (wanted === 0) return claim;
    const total = (used.get(groupKey(claim)) ?? 0) + wanted;
    if (total > MAX_PATTERNS_PER_HOST) return refusePattern(claim, problems);
    used.set(groupKey(claim), total);
    return claim;
  });
}

/**
 * Takes the unreadable matches of one object out of the table without letting a request that may have been meant for
 * one reach a rule of the object that protects less: rules of the object that would have been tried after it, on paths
 * that it may cover, answer 503; and so does what nothing else on the host matches. Other objects are not touched.
 */
export function settleObject(claims: readonly RouteClaim[]): readonly SettledClaim[] {
  const unreadable = claims.filter((claim) => !claim.readable);
  return claims.map((claim) => {
    if (!claim.readable) return lastResort(claim);
    const before = unreadable.find((each) => mayTakeFrom(each, claim));
    if (before === undefined) return { ...claim, lastResort: false };
    const detail = `${before.field} comes first, and cannot be read.`;
    return { ...claim, lastResort: false, rule: refuseRule(claim.rule, detail) };
  });
}

function refusePattern(claim: RouteClaim, problems: Problem[]): RouteClaim {
  const host = claim.host === null ? "every host" : hostText(claim.host);
  reportTo(
    problems,
    claim.object,
  )({
    field: claim.field,
    value: host,
    reason: "InvalidRegularExpression",
    message: `The rules of ${host} already hold ${MAX_PATTERNS_PER_HOST} regular expressions, and no more are allowed.`,
  });
  return { ...claim, readable: false, pathReadable: claim.match.path.type !== "RegularExpression" };
}

function countPatterns({ path, headers, queryParams }: Match): number {
  return [path, ...headers, ...queryParams].filter((each) => each.type === "RegularExpression").length;
}

function lastResort(claim: RouteClaim): SettledClaim {
  const path = claim.pathReadable ? claim.match.path : ({ type: "PathPrefix", value: "/" } as const);
  const match: Match = { path, headers: [], queryParams: [], subprotocols: [] };
  return { ...claim, lastResort: true, match, rule: refuseRule(claim.rule, `${claim.field} cannot be read.`) };
}

function mayTakeFrom(unreadable: RouteClaim, sibling: RouteClaim): boolean {
  const isSamePlace = sibling.host === null || groupKey(unreadable) === groupKey(sibling);
  if (!isSamePlace || comparePrecedence(unreadable, sibling) > 0) return false;
  return !unreadable.pathReadable || mayOverlap(unreadable.match, sibling.match);
}

function mayOverlap({ path: a }: Match, { path: b }: Match): boolean {
  if (a.type === "RegularExpression" || b.type === "RegularExpression") return true;
  if (a.type === "Exact" && b.type === "Exact") return a.value === b.value;
  if (a.type === "Exact") return isUnder(a.value, b.value);
  if (b.type === "Exact") return isUnder(b.value, a.value);
  return isUnder(a.value, b.value) || isUnder(b.value, a.value);
}

function isUnder(path: string, prefix: string): boolean {
  return `${trimPrefix(path)}/`.startsWith(`${trimPrefix(prefix)}/`);
}
