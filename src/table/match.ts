import { finish, type Work } from "../base/work.ts";
import type { Gate } from "../policy/policy.ts";
import { ask, type MatchFacts } from "./entry-conditions.ts";
import { buildGates, type GateMaker } from "./gates.ts";
import { findHost, type HostIndex, indexHosts } from "./host-index.ts";
import { hasPattern, type IndexedEntry, indexPaths, type PathIndex, searchPaths } from "./path-index.ts";
import type { Entry, RoutingTable, Rule } from "./routing-table.ts";

/** A routing table that is ready to be searched. */
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
  /** In order of enforcement; built once for each rule. */
  readonly gates: readonly Gate[];
};

/** Makes tables ready to be searched, one after another. */
export type RouteCompiler = (table: RoutingTable) => Work<RouteIndex>;

/** Groups with more entries, or more patterns, are indexed ahead of their first request, which would have to wait for it. */
const INDEXED_ON_USE = { entries: 256, patterns: 4 };

/**
 * Makes a compiler; `policies` are all policies in order of enforcement. Groups and gates are prepared on first use, so that
 * making a table ready is cheap, and are kept for as long as tables have them. Its work never throws.
 */
export function createRouteCompiler(policies: readonly GateMaker[]): RouteCompiler {
  const gates = new WeakMap<Rule, readonly Gate[]>();
  const indexes = new WeakMap<readonly Entry[], () => PathIndex>();
  const gatesOf = (rule: Rule): readonly Gate[] => {
    const built = gates.get(rule) ?? buildGates(rule, policies);
    gates.set(rule, built);
    return built;
  };
  const indexOf = (entries: readonly Entry[]): (() => PathIndex) => {
    const known = indexes.get(entries) ?? once(() => finish(indexPaths(entries)));
    indexes.set(entries, known);
    return known;
  };
  return function* (table) {
    for (const entries of [...table.groups.map((group) => group.entries), table.fallback]) {
      if (indexes.has(entries) || !isLarge(entries)) continue;
      const index = yield* indexPaths(entries);
      indexes.set(entries, () => index);
    }
    const hosts = yield* indexHosts(table.groups, (group) => [group.host, indexOf(group.entries)]);
    return { table, hosts, fallback: indexOf(table.fallback), gatesOf };
  };
}

function isLarge(entries: readonly Entry[]): boolean {
  return entries.length > INDEXED_ON_USE.entries || entries.filter(hasPattern).length > INDEXED_ON_USE.patterns;
}

/** Makes one table ready to be searched, now. */
export function compileRoutes(table: RoutingTable, policies: readonly GateMaker[]): RouteIndex {
  return finish(createRouteCompiler(policies)(table));
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
