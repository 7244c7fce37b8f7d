import type { RuleName } from "../base/report.ts";
import type { PoolKey } from "./endpoint-table.ts";
import type { RoutingTable, Rule } from "./routing-table.ts";

/** A rule that a table serves or refuses, and the Service ports that it may send to. */
export type RuleServices = { readonly name: RuleName; readonly services: readonly PoolKey[] };

/** Every rule of a table, each once. */
export function* servedRules({ groups, fallback }: RoutingTable): Generator<RuleServices, void> {
  const seen = new Set<Rule>();
  for (const entries of [...groups.map((group) => group.entries), fallback]) {
    for (const { rule } of entries) {
      if (seen.has(rule)) continue;
      seen.add(rule);
      yield { name: rule.name, services: servicesOf(rule) };
    }
  }
}

/** The Service ports that a rule may send to. */
export function servicesOf({ action }: Rule): readonly PoolKey[] {
  if (action.type === "Refuse") return [];
  return action.backends.flatMap((backend) => (backend.type === "Pool" ? [backend.pool] : []));
}
