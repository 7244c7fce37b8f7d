import type { Problem } from "../base/problem.ts";
import type { Work } from "../base/work.ts";
import { type Claim, conflictKey } from "../table/precedence.ts";
import type { Entry, HostPattern } from "../table/routing-table.ts";
import { distinctHosts, hostKey } from "./hosts.ts";
import type { ReadMatch } from "./matches.ts";
import { createdMs, refKey, refOf } from "./order.ts";
import { translateRule } from "./rule.ts";
import type { Surroundings } from "./rule-scope.ts";
import type { Source, SourceRule } from "./source.ts";

/** One match of one object's rule on one host. */
export type RouteClaim = Claim & {
  /** Null for the table's fallback. */
  readonly host: HostPattern | null;
  /** The refKey of its object. */
  readonly objectKey: string;
  /** The text by which claims are grouped: one for each host, and FALLBACK. */
  readonly group: string;
  /** Of claims of a group that share it, one answers. */
  readonly conflictKey: string;
  /** What the table says if the claim wins. */
  readonly entry: Entry;
  readonly readable: boolean;
  readonly pathReadable: boolean;
  /** Stands in for a match that nobody can read, behind everything else on its host. */
  readonly lastResort: boolean;
  /** Where the match is written, in the author's terms. */
  readonly field: string;
};

/** The group of claims to the table's fallback; no host has an empty key. */
export const FALLBACK = "";

/** Translates the rules of one object into claims; everything that is wrong with them is added to `problems`. */
export function* claimRoutes(
  source: Source,
  surroundings: Surroundings,
  problems: Problem[],
): Work<readonly RouteClaim[]> {
  const claims: RouteClaim[] = [];
  let position = 0;
  for (const sourceRule of source.rules) {
    const { rule, matches } = translateRule(source, sourceRule, surroundings, problems);
    for (const read of matches) {
      position += 1;
      claims.push(...claimHosts(source, sourceRule, read, { entry: { match: read.match, rule }, position }));
    }
    yield;
  }
  return claims;
}

function claimHosts(
  source: Source,
  sourceRule: SourceRule,
  read: ReadMatch,
  { entry, position }: { readonly entry: Entry; readonly position: number },
): readonly RouteClaim[] {
  const claim: Claim = {
    match: read.match,
    isDefault: sourceRule.rank !== "normal",
    object: refOf(source.object),
    createdMs: createdMs(source.object.metadata),
    position,
  };
  const common = {
    ...claim,
    objectKey: refKey(claim.object),
    conflictKey: conflictKey(claim),
    entry,
    readable: read.readable && sourceRule.unreadable === "nothing",
    pathReadable: read.pathReadable && sourceRule.unreadable !== "path",
    lastResort: false,
    field: sourceRule.locate(read.field),
  };
  const hosts = sourceRule.rank === "fallback" ? [null] : distinctHosts(sourceRule.hosts);
  return hosts.map((host) => ({ ...common, host, group: host === null ? FALLBACK : hostKey(host) }));
}
