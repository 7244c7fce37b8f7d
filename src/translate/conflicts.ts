import type { Problem } from "../base/problem.ts";
import { sortInSteps } from "../base/sort-in-steps.ts";
import { visit, type Work } from "../base/work.ts";
import { comparePrecedence } from "../table/precedence.ts";
import type { RouteClaim } from "./claims.ts";
import { reportTo, show } from "./findings.ts";
import { hostText } from "./hosts.ts";

/** The claims of one host in order, and those that answer. */
export type Resolved = { readonly sorted: readonly RouteClaim[]; readonly winners: readonly RouteClaim[] };

/**
 * Puts the claims of one host in order of precedence. Of claims to the same match the first answers; the others are told
 * whom they lost to, and keep what else they have. `before` is what was in order before.
 */
export function* resolveConflicts(
  claims: readonly RouteClaim[],
  before: readonly RouteClaim[],
  problems: Problem[],
): Work<Resolved> {
  const sorted = yield* sortInSteps(claims, compareSettled, before);
  const winners = new Map<string, RouteClaim>();
  yield* visit(sorted, (claim) => {
    const winner = winners.get(claim.conflictKey);
    if (winner === undefined) winners.set(claim.conflictKey, claim);
    else if (!claim.lastResort) reportLoss(claim, winner, problems);
  });
  return { sorted, winners: [...winners.values()] };
}

function compareSettled(a: RouteClaim, b: RouteClaim): number {
  return Number(a.lastResort) - Number(b.lastResort) || comparePrecedence(a, b);
}

function reportLoss(loser: RouteClaim, winner: RouteClaim, problems: Problem[]): void {
  const { kind, namespace, name, rule } = winner.entry.rule.name;
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
