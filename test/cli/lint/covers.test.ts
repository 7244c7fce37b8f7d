import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { covers } from "../../../src/cli/lint/hints/match-hints.ts";
import { compileRoutes, findRule } from "../../../src/table/match.ts";
import type { FieldMatch, Match } from "../../../src/table/routing-table.ts";
import { entryFor, forwardTo, requestFacts, routingTable } from "../../harness/build-table.ts";

const path = fc.oneof(
  fc.record({ type: fc.constant("Exact" as const), value: fc.constantFrom("/", "/a", "/a/b") }),
  fc.record({ type: fc.constant("PathPrefix" as const), value: fc.constantFrom("/", "/a", "/a/", "/a/b") }),
  fc.record({ type: fc.constant("RegularExpression" as const), value: fc.constantFrom(".*", "/.*", "/a.*", "/(.*)") }),
);

const field: fc.Arbitrary<FieldMatch> = fc.oneof(
  fc.record({
    type: fc.constant("Exact" as const),
    name: fc.constantFrom("x", "y"),
    value: fc.constantFrom("1", "12", ""),
  }),
  fc.record({
    type: fc.constant("RegularExpression" as const),
    name: fc.constantFrom("x", "y"),
    value: fc.constantFrom("1.*", ".*", "[12]+"),
  }),
);

const fields = fc.uniqueArray(field, { maxLength: 2, selector: ({ name }) => name });

const match: fc.Arbitrary<Match> = fc.record({
  path,
  headers: fields,
  queryParams: fields,
  subprotocols: fc.uniqueArray(fc.constantFrom("v1", "v2", "v3"), { maxLength: 2 }),
});

const value = fc.constantFrom("1", "12", "2", "");

const request = fc.record({
  path: fc.constantFrom("/", "/a", "/a/", "/a/b", "/a/b/c", "/c"),
  headers: fc.dictionary(fc.constantFrom("x", "y"), fc.array(value, { minLength: 1, maxLength: 2 })),
  query: fc.array(fc.tuple(fc.constantFrom("x", "y"), value), { maxLength: 3 }),
  subprotocols: fc.uniqueArray(fc.constantFrom("v1", "v2", "v3"), { maxLength: 2 }),
});

type Request = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

/** Two matches; half of them narrow one of the same path and fields, as else hardly any covers another. */
const pair = fc.tuple(match, match, fc.boolean()).map(([outer, other, related]): readonly [Match, Match] => {
  if (!related) return [outer, other];
  const narrow = (wide: readonly FieldMatch[], more: readonly FieldMatch[]): readonly FieldMatch[] => [
    ...more.filter(({ value: text }) => text === "1" || text === "12"),
    ...wide.filter(({ name }) => !more.some((each) => each.name === name && ["1", "12"].includes(each.value))),
  ];
  const headers = narrow(outer.headers, other.headers);
  return [outer, { ...other, path: outer.path, headers, queryParams: narrow(outer.queryParams, other.queryParams) }];
});

function matcher(wanted: Match): (each: Request) => boolean {
  const index = compileRoutes(routingTable({ "*": [entryFor(forwardTo([]), "/", wanted)] }), []);
  return ({ path: asked, headers, query, subprotocols }) => {
    const facts = requestFacts({
      path: asked,
      headers: new Map(Object.entries(headers)),
      query: query.length === 0 ? "" : `?${query.map(([name, text]) => `${name}=${text}`).join("&")}`,
      webSocket: { key: "", subprotocols, extensions: [] },
    });
    return findRule(index, facts).type === "Matched";
  };
}

describe("a match that covers another", () => {
  test("matches every request that the other matches", () => {
    let covered = 0;
    let matched = 0;
    fc.assert(
      fc.property(pair, fc.array(request, { minLength: 10, maxLength: 20 }), ([outer, inner], requests) => {
        if (!covers(outer, inner)) return;
        covered += 1;
        const [wide, narrow] = [matcher(outer), matcher(inner)];
        const taken = requests.filter(narrow);
        matched += taken.length;
        expect(taken.filter((each) => !wide(each))).toEqual([]);
      }),
      { numRuns: 2_500 },
    );
    // Else nothing was tried.
    expect([covered > 200, matched > 100]).toEqual([true, true]);
  });

  test("covers itself", () => {
    fc.assert(
      fc.property(match, (each) => {
        expect(covers(each, each)).toBe(true);
      }),
    );
  });
});
