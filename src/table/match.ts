import type { Gate } from "../policy/policy.ts";
import { ask, type MatchFacts } from "./entry-conditions.ts";
import { buildGates, type GateMaker } from "./gates.ts";
import { findHost, type HostIndex, indexHosts } from "./host-index.ts";
import { type IndexedEntry, indexPaths, type PathIndex, searchPaths } from "./path-index.ts";
import type { Entry, RoutingTable, Rule } from "./routing-table.ts";

/** A routing table that is ready to be searched. Groups and gates are prepared on first use, so making one is cheap. */
export type RouteIndex = {
  readonly table: RoutingTable;
  readonly hosts: HostIndex<() => PathIndex>;
  readonly fallback: () => PathIndex;
  readonly gatesOf: (rule: Rule) => readonly Gate[];
};

/**
 * The answer to "where does this request go?". `NoHost` no group is for the host; `NoRule` its group has no match for the
 * request; `UpgradeOnly` a plain request that only entries with subprotocols match (426); `PathTooLong` for the
 * patterns of its host (414): see testedLength.
 */
export type Found =
  | Matched
  | { readonly type: "NoHost" }
  | { readonly type: "NoRule" }
  | { readonly type: "UpgradeOnly" }
  | { readonly type: "PathTooLong" };

/** The entry that answers; its rule may still refuse. */
export type Matched = {
  readonly type: "Matched";
  readonly entry: Entry;
  /** For ReplacePrefixMatch: the prefix that matched, without trailing slash, empty for /; null unless a PathPrefix matched. */
  readonly prefix: string | null;
  /** In order of enforcement; built once for each table and rule. */
  readonly gates: readonly Gate[];
};

/** Makes a table ready to be searched; `policies` are all policies in order of enforcement. Never throws. */
export function compileRoutes(table: RoutingTable, policies: readonly GateMaker[]): RouteIndex {
  const gates = new WeakMap<Rule, readonly Gate[]>();
  return {
    table,
    hosts: indexHosts(table.groups.map((group) => [group.host, once(() => indexPaths(group.entries))] as const)),
    fallback: once(() => indexPaths(table.fallback)),
    gatesOf: (rule) => {
      const built = gates.get(rule) ?? buildGates(rule, policies);
      gates.set(rule, built);
      return built;
    },
  };
}

/** Finds the entry that answers a request: the first match in the one group of its host, else in the table's fallback. */
export function findRule(index: RouteIndex, facts: MatchFacts): Found {
  const group = findHost(index.hosts, facts.host);
  const places = group === null ? [index.fallback()] : [group(), index.fallback()];
  if (places.some((paths) => paths.patterns.length > 0 && facts.path.length > paths.maxTested)) {
    return { type: "PathTooLong" };
  }
  const asked = ask(facts);
  let upgradeOnly = false;
  for (const paths of places) {
    const search = searchPaths(paths, asked);
    if (search.indexed !== null) return matched(index, search.indexed);
    upgradeOnly ||= search.upgradeOnly;
  }
  if (upgradeOnly) return { type: "UpgradeOnly" };
  return { type: group === null ? "NoHost" : "NoRule" };
}

function matched(index: RouteIndex, { entry, prefix }: IndexedEntry): Matched {
  return { type: "Matched", entry, prefix, gates: index.gatesOf(entry.rule) };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: make() }).value;
}
