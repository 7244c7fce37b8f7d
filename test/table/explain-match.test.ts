import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectedWinner, explainMatch, type MatchExplanation } from "../../src/table/explain-match.ts";
import { compileRoutes } from "../../src/table/match.ts";
import type { Entry, HostPattern, Match, RoutingTable } from "../../src/table/routing-table.ts";
import { entryFor, forwardTo, requestFacts } from "../harness/build-table.ts";
import { arbitraryFacts, arbitraryTable } from "./arbitrary-table.ts";

const entry = (name: string, match: Partial<Match>): Entry => entryFor(forwardTo([]), name, match);
const prefix = (value: string): Pick<Match, "path"> => ({ path: { type: "PathPrefix", value } });
const oneGroup = (...entries: readonly Entry[]): RoutingTable => ({
  groups: [{ host: { type: "any" }, entries }],
  fallback: [],
});
const explain = (table: RoutingTable, facts: Parameters<typeof requestFacts>[0]): MatchExplanation =>
  explainMatch(compileRoutes(table, []), requestFacts(facts));

describe("the explanation agrees with the matcher", () => {
  const unreadable = fc.constantFrom<Entry>(
    entry("bad path", { path: { type: "RegularExpression", value: "/(" } }),
    entry("bad header", { ...prefix("/a"), headers: [{ type: "RegularExpression", name: "x", value: "(" }] }),
  );
  const broken = fc
    .record({ table: arbitraryTable, bad: unreadable, at: fc.nat(5) })
    .map(({ table: { groups, fallback }, bad, at }): RoutingTable => {
      const spoilt = groups.map(({ host, entries }) => ({ host, entries: entries.toSpliced(at, 0, bad) }));
      return { groups: spoilt, fallback };
    });

  test("over random tables and requests", () => {
    const seen = { Matched: 0, NoHost: 0, NoRule: 0, UpgradeOnly: 0, PathTooLong: 0 };
    fc.assert(
      fc.property(
        fc.oneof(arbitraryTable, broken),
        fc.array(arbitraryFacts, { minLength: 1, maxLength: 6 }),
        (table, requests) => {
          const index = compileRoutes(table, []);
          for (const request of requests) {
            const explanation = explainMatch(index, request);
            const { found } = explanation;
            seen[found.type] += 1;
            const winner = expectedWinner(explanation);
            expect(winner?.entry.match ?? null).toBe(found.type === "Matched" ? found.entry.match : null);
            const asked = explanation.groups.filter(({ searched }) => searched);
            const only = winner === null && asked.some(({ candidates }) => candidates.some(lacksOnlySubprotocols));
            expect(found.type === "UpgradeOnly").toBe(only && request.webSocket === null);
            expect(asked.length === 1).toBe(explanation.groups.length === 1);
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(seen.Matched).toBeGreaterThan(200);
    for (const type of ["NoHost", "NoRule", "UpgradeOnly"] as const) expect(seen[type]).toBeGreaterThan(5);
  });
});

function lacksOnlySubprotocols({ mismatches }: { readonly mismatches: readonly { readonly part: string }[] }): boolean {
  return mismatches.length === 1 && mismatches[0]?.part === "subprotocols";
}

describe("an explanation", () => {
  test("names every part that does not hold", () => {
    const x = { type: "Exact", name: "x", value: "1" } as const;
    const y = { type: "RegularExpression", name: "y", value: "2+" } as const;
    const match = { ...prefix("/ws"), headers: [x], queryParams: [y], subprotocols: ["s"] };
    const table = oneGroup(entry("strict", match));
    const offered = { key: "", subprotocols: ["s"], extensions: [] };
    const mismatchesOf = (facts: Parameters<typeof requestFacts>[0]) =>
      explain(table, facts).groups[0]?.candidates[0]?.mismatches;
    const good = { path: "/ws", query: "?y=22", headers: new Map([["x", ["1"]]]), webSocket: offered };
    expect(mismatchesOf(good)).toEqual([]);
    expect(mismatchesOf({ ...good, path: "/wsx" })).toEqual([{ part: "path" }]);
    expect(mismatchesOf({ ...good, headers: new Map() })).toEqual([{ part: "header", field: x }]);
    expect(mismatchesOf({ ...good, query: "?y=3" })).toEqual([{ part: "query parameter", field: y }]);
    expect(mismatchesOf({ ...good, webSocket: null })).toEqual([{ part: "subprotocols" }]);
    expect(mismatchesOf({ path: "/" })).toHaveLength(4);
  });

  test("lists the hosts that cover the request, the most specific first, and says which of them is searched", () => {
    const hosts: readonly HostPattern[] = [
      { type: "any" },
      { type: "many-labels", suffix: "example" },
      { type: "exact", name: "other" },
      { type: "one-label", suffix: "b.example" },
      { type: "many-labels", suffix: "b.example" },
      { type: "exact", name: "a.b.example" },
    ];
    const table = { groups: hosts.map((host) => ({ host, entries: [] })), fallback: [] };
    const { groups } = explain(table, { host: "a.b.example" });
    expect(groups.map(({ host, searched }) => [host, searched])).toEqual([
      [hosts[5], true],
      [hosts[3], false],
      [hosts[4], false],
      [hosts[1], false],
      [hosts[0], false],
      [null, true],
    ]);
  });

  test("says that a path is too long for the patterns of its host", () => {
    const table = oneGroup(entry("pattern", { path: { type: "RegularExpression", value: "/a+" } }));
    expect(explain(table, { path: `/${"a".repeat(3_000)}` }).found.type).toBe("PathTooLong");
  });
});
