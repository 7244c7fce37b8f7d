import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Claim,
  type Criterion,
  comparePrecedence,
  compareSpecificity,
  conflictKey,
  decidingCriterion,
  trimPrefix,
} from "../../src/table/precedence.ts";
import type { FieldMatch, Match } from "../../src/table/routing-table.ts";

const exactField = (name: string, value = "1"): FieldMatch => ({ type: "Exact", name, value });
const match = (type: Match["path"]["type"], value: string, rest: Partial<Match> = {}): Match => ({
  path: { type, value },
  headers: [],
  queryParams: [],
  subprotocols: [],
  ...rest,
});
const claim = (changes: Partial<Claim> = {}): Claim => ({
  match: match("PathPrefix", "/"),
  isDefault: false,
  object: { kind: "Ingress", namespace: "ns", name: "a" },
  createdMs: 1000,
  position: 0,
  ...changes,
});

describe("who answers first", () => {
  test.each<[string, Partial<Claim>, Partial<Claim>]>([
    [
      "Exact comes before a longer RegularExpression",
      { match: match("Exact", "/a") },
      { match: match("RegularExpression", "/a.*") },
    ],
    [
      "RegularExpression comes before a longer PathPrefix",
      { match: match("RegularExpression", "/.") },
      { match: match("PathPrefix", "/long/prefix") },
    ],
    [
      "of two patterns the longer comes first",
      { match: match("RegularExpression", "/a.*b") },
      { match: match("RegularExpression", "/.*") },
    ],
    [
      "of two prefixes the longer comes first",
      { match: match("PathPrefix", "/ab") },
      { match: match("PathPrefix", "/a") },
    ],
    [
      "a longer path comes before more headers",
      { match: match("PathPrefix", "/ab") },
      { match: match("PathPrefix", "/a", { headers: [exactField("x"), exactField("y")] }) },
    ],
    [
      "more headers come before more query parameters",
      { match: match("PathPrefix", "/", { headers: [exactField("x")] }) },
      { match: match("PathPrefix", "/", { queryParams: [exactField("x"), exactField("y")] }) },
    ],
    [
      "more query parameters come before a subprotocol",
      { match: match("PathPrefix", "/", { queryParams: [exactField("x")] }) },
      { match: match("PathPrefix", "/", { subprotocols: ["graphql-ws"] }) },
    ],
    [
      "a subprotocol comes before none, however young",
      { match: match("PathPrefix", "/", { subprotocols: ["graphql-ws"] }), createdMs: 9000 },
      {},
    ],
    [
      "a default comes last, however old and whatever it matches",
      { createdMs: 9000 },
      { isDefault: true, match: match("Exact", "/a") },
    ],
    ["the older object comes first", { createdMs: 1 }, { createdMs: 2, object: { ...claim().object, namespace: "a" } }],
    [
      "of equal age the smaller namespace comes first",
      { object: { kind: "Ingress", namespace: "a", name: "z" } },
      { object: { kind: "Ingress", namespace: "b", name: "a" } },
    ],
    [
      "namespace and name are compared as one text",
      { object: { kind: "Ingress", namespace: "a-b", name: "x" } },
      { object: { kind: "Ingress", namespace: "a", name: "x" } },
    ],
    [
      "names are compared by code unit, not by a locale",
      { object: { kind: "Ingress", namespace: "ns", name: "B" } },
      { object: { kind: "Ingress", namespace: "ns", name: "a" } },
    ],
    [
      "two kinds of one name have an order too",
      { object: { kind: "Ingress", namespace: "ns", name: "a" } },
      { object: { kind: "WebSocketRoute", namespace: "ns", name: "a" } },
    ],
    ["within an object the first written comes first", { position: 0 }, { position: 1 }],
    [
      "a more specific match comes before an earlier one of its object",
      { position: 1, match: match("PathPrefix", "/a") },
      { position: 0 },
    ],
  ])("%s", (_title, winner, loser) => {
    expect(comparePrecedence(claim(winner), claim(loser))).toBeLessThan(0);
    expect(comparePrecedence(claim(loser), claim(winner))).toBeGreaterThan(0);
  });

  test("a trailing slash does not make a prefix longer", () => {
    expect(compareSpecificity(match("PathPrefix", "/a/"), match("PathPrefix", "/a"))).toBe(0);
    expect(trimPrefix("/")).toBe("");
    expect(trimPrefix("/a//")).toBe("/a/");
  });

  test("the order is total: any shuffle sorts to the same list", () => {
    const fields = fc.array(
      fc.constantFrom("x", "y").map((name) => exactField(name)),
      { maxLength: 2 },
    );
    const claims = fc.record({
      match: fc.record({
        path: fc.record({
          type: fc.constantFrom("Exact", "PathPrefix", "RegularExpression"),
          value: fc.constantFrom("/", "/a", "/a/", "/b"),
        }),
        headers: fields,
        queryParams: fields,
        subprotocols: fc.constantFrom<readonly string[]>([], ["s"]),
      }),
      isDefault: fc.boolean(),
      object: fc.record({
        kind: fc.constantFrom("Ingress", "WebSocketRoute"),
        namespace: fc.constantFrom("a", "b"),
        name: fc.constantFrom("a", "b"),
      }),
      createdMs: fc.integer({ min: 0, max: 2 }),
      position: fc.integer({ min: 0, max: 3 }),
    });
    const shuffled = fc
      .array(claims, { maxLength: 12 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(shuffled, ([list, shuffle]) => {
        expect(shuffle.toSorted(comparePrecedence)).toEqual(list.toSorted(comparePrecedence));
      }),
    );
  });
});

describe("which claims are in conflict", () => {
  const key = (value: Match) => conflictKey(claim({ match: value }));

  test("the order of fields, and a prefix's trailing slash, make no difference", () => {
    const one = match("PathPrefix", "/a", {
      headers: [exactField("x"), exactField("y")],
      queryParams: [exactField("q"), exactField("r")],
      subprotocols: ["s", "t"],
    });
    const other = match("PathPrefix", "/a/", {
      headers: [exactField("y"), exactField("x")],
      queryParams: [exactField("r"), exactField("q")],
      subprotocols: ["t", "s", "t"],
    });
    expect(key(one)).toBe(key(other));
  });

  test("it does not matter who wrote them or when", () => {
    const young = claim({ createdMs: 5, position: 3, object: { kind: "WebSocketRoute", namespace: "x", name: "y" } });
    expect(conflictKey(young)).toBe(conflictKey(claim()));
  });

  test.each<[string, Match]>([
    ["another path", match("PathPrefix", "/b")],
    ["another path type", match("Exact", "/a")],
    ["a header", match("PathPrefix", "/a", { headers: [exactField("x")] })],
    ["a query parameter", match("PathPrefix", "/a", { queryParams: [exactField("x")] })],
    ["a subprotocol", match("PathPrefix", "/a", { subprotocols: ["x"] })],
  ])("%s makes a difference", (_title, other) => {
    expect(key(match("PathPrefix", "/a"))).not.toBe(key(other));
  });

  test("fields cannot be told apart by where a name ends and a value begins", () => {
    const left = match("Exact", "/", { headers: [exactField("a", 'b","c')] });
    const right = match("Exact", "/", { headers: [exactField('a","b', "c")] });
    expect(key(left)).not.toBe(key(right));
  });

  test("a default is not in conflict with a rule that matches the same", () => {
    expect(conflictKey(claim({ isDefault: true }))).not.toBe(conflictKey(claim()));
  });
});

test.each<[Criterion | null, Partial<Claim>, Partial<Claim>]>([
  ["default", {}, { isDefault: true }],
  ["path type", { match: match("Exact", "/") }, {}],
  ["path length", { match: match("PathPrefix", "/a") }, {}],
  ["headers", { match: match("PathPrefix", "/", { headers: [exactField("x")] }) }, {}],
  ["query parameters", { match: match("PathPrefix", "/", { queryParams: [exactField("x")] }) }, {}],
  ["subprotocols", { match: match("PathPrefix", "/", { subprotocols: ["s"] }) }, {}],
  ["age", { createdMs: 1 }, { createdMs: Number.POSITIVE_INFINITY }],
  [
    "name",
    { createdMs: Number.POSITIVE_INFINITY },
    { createdMs: Number.POSITIVE_INFINITY, object: { kind: "Ingress", namespace: "ns", name: "b" } },
  ],
  ["order", { position: 1 }, { position: 2 }],
  [null, {}, {}],
])("what decides is told: %s", (criterion, winner, loser) => {
  const [left, right] = [claim(winner), claim(loser)];
  expect([decidingCriterion(left, right), decidingCriterion(right, left)]).toEqual([criterion, criterion]);
  expect(Math.sign(comparePrecedence(left, right))).toBe(criterion === null ? 0 : -1);
});
