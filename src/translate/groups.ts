import { isDeepStrictEqual } from "node:util";
import { compareText } from "../base/compare-text.ts";
import type { Problem } from "../base/problem.ts";
import { haveSameItems } from "../base/same-items.ts";
import { visit, type Work } from "../base/work.ts";
import type { PoolKey } from "../table/endpoint-table.ts";
import type { Entry, HostGroup } from "../table/routing-table.ts";
import { FALLBACK, type RouteClaim } from "./claims.ts";
import { resolveConflicts } from "./conflicts.ts";
import { boundPatterns, settleClaims } from "./fail-closed.ts";
import { ANY_HOST } from "./hosts.ts";
import { compareClaimAge } from "./order.ts";

/** The rules of one host, or the fallback's, and what they follow from. */
export type Group = {
  /** All claims of the group, and for the fallback those of other groups that bear on it. */
  readonly claims: readonly RouteClaim[];
  readonly foreign: readonly RouteClaim[];
  readonly sorted: readonly RouteClaim[];
  readonly unreadable: readonly RouteClaim[];
  /** As the table has it; the host of the fallback means nothing. */
  readonly group: HostGroup;
  readonly pools: readonly PoolKey[];
  readonly problems: readonly Problem[];
};

/** Groups by the text of their claims. */
export type Groups = ReadonlyMap<string, Group>;

/** The groups, how many of them were not the very same as before, and whether they may name other pools. */
export type ResolvedGroups = {
  readonly groups: Groups;
  readonly resolved: number;
  readonly havePoolsChanged: boolean;
};

/** Resolves each group whose claims are not the very same as before: a change of one route concerns its hosts alone. */
export function* resolveGroups(claims: Iterable<RouteClaim>, before: Groups): Work<ResolvedGroups> {
  const byGroup = new Map<string, RouteClaim[]>();
  yield* visit(claims, (claim) => {
    const list = byGroup.get(claim.group);
    if (list === undefined) byGroup.set(claim.group, [claim]);
    else list.push(claim);
  });
  const fallback = byGroup.get(FALLBACK);
  byGroup.delete(FALLBACK);
  const groups = new Map<string, Group>();
  let resolved = 0;
  let samePools = 0;
  const settle = function* (key: string, own: readonly RouteClaim[], foreign: readonly RouteClaim[]): Work<void> {
    const known = before.get(key);
    const isSame = known !== undefined && haveSameItems(known.claims, own) && haveSameItems(known.foreign, foreign);
    const group = isSame ? known : yield* resolveGroup(own, foreign, known);
    groups.set(key, group);
    if (group.pools === known?.pools) samePools += 1;
    if (!isSame) resolved += 1;
    if (!isSame || groups.size % REUSED_PER_STEP === 0) yield;
  };
  for (const [key, own] of byGroup) yield* settle(key, own, []);
  if (fallback !== undefined) yield* settle(FALLBACK, fallback, unreadableOf(fallback, groups));
  const havePoolsChanged = samePools < groups.size || groups.size !== before.size;
  return { groups, resolved, havePoolsChanged };
}

const REUSED_PER_STEP = 64;

/** What objects with a claim to the fallback have elsewhere that cannot be read: it may have been meant for a request that falls back. */
function unreadableOf(fallback: readonly RouteClaim[], groups: Groups): readonly RouteClaim[] {
  const objects = new Set(fallback.map(({ objectKey }) => objectKey));
  return [...groups.values()]
    .flatMap((group) => group.unreadable.filter(({ objectKey }) => objects.has(objectKey)))
    .toSorted((a, b) => compareClaimAge(a, b) || compareText(a.group, b.group));
}

function* resolveGroup(
  claims: readonly RouteClaim[],
  foreign: readonly RouteClaim[],
  before: Group | undefined,
): Work<Group> {
  const problems: Problem[] = [];
  const bounded = boundPatterns(claims, problems);
  const unreadable = bounded.filter((claim) => !claim.readable);
  const settled = yield* settleClaims(bounded, [...foreign, ...unreadable].toSorted(compareClaimAge));
  const { sorted, winners } = yield* resolveConflicts(settled, before?.sorted ?? [], problems);
  const resolved: HostGroup = { host: claims[0]?.host ?? ANY_HOST, entries: winners.map(({ entry }) => entry) };
  const isEqual = before !== undefined && (yield* haveEqualEntries(before.group, resolved));
  const found = yield* poolsOf(resolved.entries);
  const pools = before !== undefined && haveSameItems(found, before.pools) ? before.pools : found;
  return { claims, foreign, sorted, unreadable, group: isEqual ? before.group : resolved, pools, problems };
}

/** An object may have been edited where no table shows it: what is equal stays the very same, and nothing is rebuilt for it. */
function* haveEqualEntries({ entries: before }: HostGroup, { entries: after }: HostGroup): Work<boolean> {
  if (before.length !== after.length) return false;
  let areEqual = true;
  yield* visit(after.entries(), ([index, entry]) => {
    areEqual &&= entry === before[index] || isDeepStrictEqual(entry, before[index]);
  });
  return areEqual;
}

function* poolsOf(entries: readonly Entry[]): Work<readonly PoolKey[]> {
  const pools = new Set<PoolKey>();
  yield* visit(entries, ({ rule: { action } }) => {
    if (action.type === "Refuse") return;
    for (const backend of action.backends) if (backend.type === "Pool") pools.add(backend.pool);
  });
  return [...pools];
}
