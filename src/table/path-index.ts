import type { Work } from "../base/work.ts";
import { type Asked, type Conditions, compileConditions, type Holds } from "./entry-conditions.ts";
import { type Pattern, readPattern, testedLength } from "./pattern.ts";
import { trimPrefix } from "./precedence.ts";
import type { Entry, Rule } from "./routing-table.ts";

/** An entry that is ready to be tested, at its place in the list that it came from. */
export type IndexedEntry = {
  readonly place: number;
  readonly entry: Entry;
  /** What a PathPrefix entry matches, without trailing slash; null for other types. */
  readonly prefix: string | null;
  readonly conditions: Conditions;
};

/** A list of entries, arranged by path so that a search looks at the few that can match. */
export type PathIndex = {
  readonly exact: ReadonlyMap<string, readonly IndexedEntry[]>;
  readonly prefixes: ReadonlyMap<string, readonly IndexedEntry[]>;
  /** The lengths that occur among the prefixes: how often a path is looked up does not depend on who asks. */
  readonly prefixLengths: readonly number[];
  readonly patterns: readonly IndexedPattern[];
  /** The longest path or field that is tested against a pattern here. */
  readonly maxTested: number;
};

type IndexedPattern = { readonly pattern: Pattern; readonly indexed: IndexedEntry };

/** What a search found; `upgradeOnly` is true when an entry would have matched, had the request offered a subprotocol. */
export type PathSearch = { readonly indexed: IndexedEntry | null; readonly upgradeOnly: boolean };

const ENTRIES_PER_STEP = 128;

/** Arranges entries; an entry with an unreadable pattern refuses all that could have been meant for it. */
export function* indexPaths(entries: readonly Entry[]): Work<PathIndex> {
  const exact = new Map<string, IndexedEntry[]>();
  const prefixes = new Map<string, IndexedEntry[]>();
  const patterns: IndexedPattern[] = [];
  let programSizes = 0;
  for (const [place, entry] of entries.entries()) {
    const indexed = indexEntry(entry, place);
    programSizes += indexed.conditions.programSize;
    const { type, value } = entry.match.path;
    if (type === "Exact") append(exact, value, indexed);
    else if (type === "PathPrefix") append(prefixes, trimPrefix(value), indexed);
    else patterns.push(indexPattern(value, indexed));
    if (hasPattern(entry) || place % ENTRIES_PER_STEP === 0) yield;
  }
  for (const { pattern } of patterns) programSizes += pattern.programSize;
  const lengths = new Set([...prefixes.keys()].map((prefix) => prefix.length));
  return {
    exact,
    prefixes,
    prefixLengths: [...lengths].toSorted((a, b) => b - a),
    patterns,
    maxTested: testedLength(programSizes),
  };
}

/** Whether something of an entry has to be compiled, which takes up to a millisecond. */
export function hasPattern({ match: { path, headers, queryParams } }: Entry): boolean {
  return [path, ...headers, ...queryParams].some(({ type }) => type === "RegularExpression");
}

/** The first entry in the list's order of which path and conditions hold. */
export function searchPaths(index: PathIndex, asked: Asked): PathSearch {
  const { path } = asked.facts;
  const search = new Search(asked, index.maxTested);
  search.tryAll(index.exact.get(path));
  for (const length of index.prefixLengths) {
    if (length === path.length || path[length] === "/") search.tryAll(index.prefixes.get(path.slice(0, length)));
  }
  for (const { pattern, indexed } of index.patterns) search.tryPattern(pattern, indexed);
  return search;
}

// Keeps the best entry so far; lists are in order of place, so each is left at the first hit or at a worse place.
class Search {
  readonly #asked: Asked;
  readonly #maxTested: number;
  indexed: IndexedEntry | null = null;
  upgradeOnly = false;

  constructor(asked: Asked, maxTested: number) {
    this.#asked = asked;
    this.#maxTested = maxTested;
  }

  tryAll(list: readonly IndexedEntry[] = []): void {
    for (const candidate of list) {
      if (!this.#improves(candidate)) return;
      if (this.#take(candidate, this.#judge(candidate))) return;
    }
  }

  tryPattern(pattern: Pattern, candidate: IndexedEntry): void {
    if (!this.#improves(candidate)) return;
    const holds = this.#judge(candidate);
    if (holds !== "no" && pattern.matches(this.#asked.facts.path)) this.#take(candidate, holds);
  }

  #improves(candidate: IndexedEntry): boolean {
    return this.indexed === null || candidate.place < this.indexed.place;
  }

  #judge(candidate: IndexedEntry): Holds {
    return candidate.conditions.hold(this.#asked, this.#maxTested);
  }

  #take(candidate: IndexedEntry, holds: Holds): boolean {
    if (holds === "upgrade-only") this.upgradeOnly = true;
    if (holds !== "yes") return false;
    this.indexed = candidate;
    return true;
  }
}

function indexEntry(entry: Entry, place: number): IndexedEntry {
  const { type, value } = entry.match.path;
  const prefix = type === "PathPrefix" ? trimPrefix(value) : null;
  const conditions = compileConditions(entry.match);
  if (conditions !== null) return { place, entry, prefix, conditions };
  return { place, entry: { match: entry.match, rule: refuse(entry.rule) }, prefix, conditions: ALWAYS };
}

const ALWAYS: Conditions = { hold: () => "yes", programSize: 0 };

function indexPattern(value: string, indexed: IndexedEntry): IndexedPattern {
  const read = readPattern(value);
  if (read.ok) return { pattern: read.pattern, indexed };
  const entry = { match: indexed.entry.match, rule: refuse(indexed.entry.rule) };
  return { pattern: { matches: () => true, programSize: 0 }, indexed: { ...indexed, entry } };
}

// Which requests the author meant cannot be known, so none falls through to a rule that may protect less.
function refuse(rule: Rule): Rule {
  return { name: rule.name, action: { type: "Refuse", status: 503, detail: "a pattern of this rule is unreadable" } };
}

function append(map: Map<string, IndexedEntry[]>, key: string, indexed: IndexedEntry): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [indexed]);
  else list.push(indexed);
}
