import { finish } from "../base/work.ts";
import { ask, compileConditions, type MatchFacts } from "./entry-conditions.ts";
import { indexHosts, listHosts } from "./host-index.ts";
import { type Found, findRule, type RouteIndex } from "./match.ts";
import { indexPaths, searchPaths } from "./path-index.ts";
import type { Entry, FieldMatch, HostPattern, Match } from "./routing-table.ts";

/** A part of a match that does not hold for a request. */
export type Mismatch =
  | { readonly part: "path" }
  | { readonly part: "subprotocols" }
  | { readonly part: "header" | "query parameter"; readonly field: FieldMatch };

/** An entry, and all that keeps it from matching a request; nothing if it matches. */
export type Candidate = { readonly entry: Entry; readonly mismatches: readonly Mismatch[] };

/** The entries of one host pattern that covers a request's host. */
export type ExplainedGroup = {
  /** Null for the table's fallback, which comes last in every group. */
  readonly host: HostPattern | null;
  /** False for patterns that are less specific than another: their entries are never asked. */
  readonly searched: boolean;
  /** In order of precedence. */
  readonly candidates: readonly Candidate[];
};

/** The matcher's answer, and what it had to choose from. */
export type MatchExplanation = {
  readonly found: Found;
  /** The most specific host first, the fallback last. */
  readonly groups: readonly ExplainedGroup[];
};

/**
 * Why a request is answered by the entry that findRule finds, whose answer is `found`. Each part of each candidate is
 * tested alone by the code that tests all of them together; costs as much as there are rules for the host.
 */
export function explainMatch(index: RouteIndex, facts: MatchFacts): MatchExplanation {
  const { groups, fallback } = index.table;
  const covering = listHosts(finish(indexHosts(groups, (group) => [group.host, group] as const)), facts.host);
  return {
    found: findRule(index, facts),
    groups: [
      ...covering.map(({ host, entries }, at) => ({ host, searched: at === 0, ...explainEntries(entries, facts) })),
      { host: null, searched: true, ...explainEntries(fallback, facts) },
    ],
  };
}

/** The candidate that must answer by this explanation alone; null if none can. */
export function expectedWinner({ groups }: MatchExplanation): Candidate | null {
  const asked = groups.filter(({ searched }) => searched).flatMap(({ candidates }) => candidates);
  return asked.find(({ mismatches }) => mismatches.length === 0) ?? null;
}

function explainEntries(entries: readonly Entry[], facts: MatchFacts): Pick<ExplainedGroup, "candidates"> {
  const { maxTested } = finish(indexPaths(entries));
  return { candidates: entries.map((entry) => ({ entry, mismatches: findMismatches(entry, facts, maxTested) })) };
}

const EMPTY: Omit<Match, "path"> = { headers: [], queryParams: [], subprotocols: [] };

function findMismatches({ match, rule }: Entry, facts: MatchFacts, maxTested: number): readonly Mismatch[] {
  const { path, headers, queryParams, subprotocols } = match;
  const holds = (part: Partial<Match>): boolean => {
    const conditions = compileConditions({ path, ...EMPTY, ...part });
    return conditions === null || conditions.hold(ask(facts), maxTested) === "yes";
  };
  const pathOnly = finish(indexPaths([{ match: { path, ...EMPTY }, rule }]));
  const mismatches: Mismatch[] = searchPaths(pathOnly, ask(facts)).indexed === null ? [{ part: "path" }] : [];
  // A pattern that nobody can read refuses its path, whatever else the request says.
  if (compileConditions(match) === null) return mismatches;
  for (const field of headers) if (!holds({ headers: [field] })) mismatches.push({ part: "header", field });
  for (const field of queryParams) {
    if (!holds({ queryParams: [field] })) mismatches.push({ part: "query parameter", field });
  }
  if (!holds({ subprotocols })) mismatches.push({ part: "subprotocols" });
  return mismatches;
}
