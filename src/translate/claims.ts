import type { Problem } from "../base/problem.ts";
import type { Claim } from "../table/precedence.ts";
import type { HostPattern, Rule } from "../table/routing-table.ts";
import { distinctHosts, hostKey } from "./hosts.ts";
import type { ReadMatch } from "./matches.ts";
import { createdMs, refOf } from "./order.ts";
import { translateRule } from "./rule.ts";
import type { Source, SourceRule } from "./source.ts";
import { type TlsClaim, type TlsSurroundings, translateTls } from "./tls.ts";

/** One match of one object's rule on one host. */
export type RouteClaim = Claim & {
  /** Null for the table's fallback. */
  readonly host: HostPattern | null;
  readonly rule: Rule;
  readonly readable: boolean;
  readonly pathReadable: boolean;
  /** Where the match is written, in the author's terms. */
  readonly field: string;
};

/** All that follows from one object and what it refers to, whatever other objects there are. */
export type ObjectTranslation = {
  readonly source: Source;
  readonly routes: readonly RouteClaim[];
  readonly tls: readonly TlsClaim[];
};

/** Translates one object; everything that is wrong with it is added to `problems`. */
export function translateObject(source: Source, surroundings: TlsSurroundings, problems: Problem[]): ObjectTranslation {
  let position = 0;
  const routes = source.rules.flatMap((sourceRule) => {
    const { rule, matches } = translateRule(source, sourceRule, surroundings, problems);
    return matches.flatMap((match) => {
      position += 1;
      return claimHosts(source, sourceRule, rule, { match, position });
    });
  });
  return { source, routes, tls: translateTls(source, surroundings, problems) };
}

/** The text by which claims are grouped: one for each host, and one for the fallback. */
export function groupKey(claim: RouteClaim): string {
  return claim.host === null ? "" : hostKey(claim.host);
}

function claimHosts(
  source: Source,
  sourceRule: SourceRule,
  rule: Rule,
  { match, position }: { readonly match: ReadMatch; readonly position: number },
): readonly RouteClaim[] {
  const hosts = sourceRule.rank === "fallback" ? [null] : distinctHosts(sourceRule.hosts);
  return hosts.map((host) => ({
    match: match.match,
    isDefault: sourceRule.rank !== "normal",
    object: refOf(source.object),
    createdMs: createdMs(source.object.metadata),
    position,
    host,
    rule,
    readable: match.readable && sourceRule.unreadable === "nothing",
    pathReadable: match.pathReadable && sourceRule.unreadable !== "path",
    field: sourceRule.locate(match.field),
  }));
}
