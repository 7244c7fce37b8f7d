import type { RuleName } from "../base/report.ts";
import { visit, type Work } from "../base/work.ts";
import type { RoutingTable } from "./routing-table.ts";

/** Which rules, and which objects, a table has entries of. */
export type RuleNames = {
  readonly hasRule: (name: RuleName) => boolean;
  /** The object, not the rule: a rule that is renamed or moved does not delete its route. */
  readonly hasRoute: (name: RuleName) => boolean;
};

/** Collects the names of a table's rules. */
export function* nameRules({ groups, fallback }: RoutingTable): Work<RuleNames> {
  const rules = new Set<string>();
  const routes = new Set<string>();
  const entries = function* (): Generator<RuleName> {
    for (const group of groups) for (const { rule } of group.entries) yield rule.name;
    for (const { rule } of fallback) yield rule.name;
  };
  yield* visit(entries(), (name) => {
    rules.add(ruleKey(name));
    routes.add(routeKey(name));
  });
  return { hasRule: (name) => rules.has(ruleKey(name)), hasRoute: (name) => routes.has(routeKey(name)) };
}

/** One text for each rule, unlike that of any other. */
export function ruleKey(name: RuleName): string {
  return `${routeKey(name)}/${name.rule}`;
}

function routeKey({ kind, namespace, name }: RuleName): string {
  return `${kind}/${namespace}/${name}`;
}
