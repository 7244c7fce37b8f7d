import type { Problem } from "../base/problem.ts";
import { comparePrecedence, conflictKey } from "../table/precedence.ts";
import type { Entry } from "../table/routing-table.ts";
import { groupKey } from "./claims.ts";
import type { SettledClaim } from "./fail-closed.ts";
import { reportTo, show } from "./findings.ts";
import { hostText } from "./hosts.ts";

/**
 * The entries of one host in order of precedence. Of claims to the same match the first answers; the others are told
 * whom they lost to, and keep what else they have.
 */
export function resolveHost(claims: readonly SettledClaim[], problems: Problem[]): readonly Entry[] {
  const winners = new Map<string, SettledClaim>();
  for (const claim of claims.toSorted(compareSettled)) {
    const winner = winners.get(conflictKey(claim));
    if (winner === undefined) winners.set(conflictKey(claim), claim);
    else if (!claim.lastResort) reportLoss(claim, winner, problems);
  }
  return [...winners.values()].map(({ match, rule }) => ({ match, rule }));
}

/** Claims by the host that they are for, the fallback under an empty key. */
export function groupClaims(claims: readonly SettledClaim[]): ReadonlyMap<string, readonly SettledClaim[]> {
  return Map.groupBy(claims, groupKey);
}

function compareSettled(a: SettledClaim, b: SettledClaim): number {
  return Number(a.lastResort) - Number(b.lastResort) || comparePrecedence(a, b);
}

function reportLoss(loser: SettledClaim, winner: SettledClaim, problems: Problem[]): void {
  const { kind, namespace, name, rule } = winner.rule.name;
  const place = loser.host === null ? "requests that no rule matches" : `this match on ${hostText(loser.host)}`;
  reportTo(
    problems,
    loser.object,
  )({
    field: loser.field,
    value: `${loser.match.path.type} ${loser.match.path.value}`,
    reason: "RouteConflict",
    message: `Lost ${place} to ${kind} ${namespace}/${name}, rule ${show(rule, 100)}.`,
    effect: "lost",
    rival: { object: winner.object, field: winner.field },
  });
}
