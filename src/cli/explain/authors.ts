import type { HostPattern, Match, Rule } from "../../table/routing-table.ts";
import { FALLBACK, type RouteClaim } from "../../translate/claims.ts";
import { hostKey } from "../../translate/hosts.ts";
import type { Routes, WrittenRule } from "../lint/hints/routes.ts";

/** Who wrote what the tables hold. Tables do not say it: this is the seam at which a running Fairlead would answer otherwise. */
export type Authors = {
  /** The claim that led to an entry of a host's group (null: the fallback). */
  readonly claimOf: (host: HostPattern | null, rule: Rule["name"], match: Match) => RouteClaim | null;
  /** Every claim to a host's group, those that lost it included. */
  readonly claimsOn: (host: HostPattern | null) => readonly RouteClaim[];
  readonly ruleOf: (rule: Rule["name"]) => WrittenRule | null;
};

/** Authors as the first steps of translation found them. */
export function readAuthors(routes: Routes): Authors {
  const claims = Map.groupBy(routes.claims, ({ group }) => group);
  const rules = new Map(routes.rules.map((each) => [nameKey(each.rule.name), each]));
  const claimsOn = (host: HostPattern | null): readonly RouteClaim[] =>
    claims.get(host === null ? FALLBACK : hostKey(host)) ?? [];
  return {
    claimsOn,
    claimOf: (host, name, match) => {
      const own = claimsOn(host).filter((claim) => nameKey(claim.entry.rule.name) === nameKey(name));
      const wanted = JSON.stringify(match);
      // A match that nobody can read stands in the table as another one.
      return own.find((claim) => JSON.stringify(claim.match) === wanted) ?? own[0] ?? null;
    },
    ruleOf: (name) => rules.get(nameKey(name)) ?? null,
  };
}

function nameKey({ kind, namespace, name, rule }: Rule["name"]): string {
  return JSON.stringify([kind, namespace, name, rule]);
}
