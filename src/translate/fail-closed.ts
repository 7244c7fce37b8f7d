import type { Problem } from "../base/problem.ts";
import type { Work } from "../base/work.ts";
import { MAX_PATTERNS_PER_HOST } from "../table/pattern.ts";
import { comparePrecedence, conflictKey, trimPrefix } from "../table/precedence.ts";
import type { Match } from "../table/routing-table.ts";
import { FALLBACK, type RouteClaim } from "./claims.ts";
import { reportTo } from "./findings.ts";
import { hostText } from "./hosts.ts";
import { compareClaimAge } from "./order.ts";
import { refuseRule } from "./rule.ts";

/**
 * Marks the claims of one group whose patterns are more than it may hold as unreadable. The oldest objects' patterns count
 * first, so that nobody can take another's away.
 */
export function boundPatterns(claims: readonly RouteClaim[], problems: Problem[]): readonly RouteClaim[] {
  const wanting = claims.filter((claim) => claim.readable && countPatterns(claim.match) > 0);
  const refused = new Map<RouteClaim, RouteClaim>();
  let used = 0;
  for (const claim of wanting.toSorted(compareClaimAge)) {
    const total = used + countPatterns(claim.match);
    if (total > MAX_PATTERNS_PER_HOST) refused.set(claim, refusePattern(claim, problems));
    else used = total;
  }
  return refused.size === 0 ? claims : claims.map((claim) => refused.get(claim) ?? claim);
}

/**
 * Takes the unreadable matches of a group out of the table without letting a request that may have been meant for one
 * reach a rule of the same object that protects less: rules of the object that would have been tried after it, on paths
 * that it may cover, answer 503; and so does what nothing else on the host matches. Other objects are not touched.
 * `unreadable` are those of the group and, for the fallback, of every group, in the order of their objects.
 */
export function* settleClaims(
  claims: readonly RouteClaim[],
  unreadable: readonly RouteClaim[],
): Work<readonly RouteClaim[]> {
  if (unreadable.length === 0) return claims;
  const byObject = Map.groupBy(unreadable, ({ objectKey }) => objectKey);
  const settled: RouteClaim[] = [];
  for (const claim of claims) {
    settled.push(settleClaim(claim, byObject.get(claim.objectKey) ?? []));
    yield;
  }
  return settled;
}

/** The same claim, answering 503 and nothing else. */
export function refuseClaim(claim: RouteClaim, detail: string): RouteClaim {
  return { ...claim, entry: { match: claim.match, rule: refuseRule(claim.entry.rule, detail) } };
}

function settleClaim(claim: RouteClaim, unreadable: readonly RouteClaim[]): RouteClaim {
  if (!claim.readable) return lastResort(claim);
  const before = unreadable.find((each) => mayTakeFrom(each, claim));
  return before === undefined ? claim : refuseClaim(claim, `${before.field} comes first, and cannot be read.`);
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

function lastResort(claim: RouteClaim): RouteClaim {
  const path = claim.pathReadable ? claim.match.path : ({ type: "PathPrefix", value: "/" } as const);
  const match: Match = { path, headers: [], queryParams: [], subprotocols: [] };
  const rule = refuseRule(claim.entry.rule, `${claim.field} cannot be read.`);
  return { ...claim, match, entry: { match, rule }, conflictKey: conflictKey({ ...claim, match }), lastResort: true };
}

function mayTakeFrom(unreadable: RouteClaim, sibling: RouteClaim): boolean {
  const isSamePlace = sibling.group === FALLBACK || unreadable.group === sibling.group;
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
