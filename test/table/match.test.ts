import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RequestFacts } from "../../src/base/request-facts.ts";
import type { Gate } from "../../src/policy/policy.ts";
import { compileRoutes, type Found, findRule } from "../../src/table/match.ts";
import type { Entry, FieldMatch, HostPattern, Match, RoutingTable } from "../../src/table/routing-table.ts";
import { entryFor, forwardTo, requestFacts } from "../harness/build-table.ts";
import { arbitraryFacts, arbitraryTable } from "./arbitrary-table.ts";
import { searchNaively } from "./naive-search.ts";

const rule = (path: string, type: Match["path"]["type"] = "PathPrefix", rest: Partial<Match> = {}): Entry =>
  entryFor(forwardTo([]), `${type} ${path}`, { path: { type, value: path }, ...rest });
const one = (...entries: readonly Entry[]): RoutingTable => ({
  groups: [{ host: { type: "any" }, entries }],
  fallback: [],
});
const find = (table: RoutingTable, facts: Partial<RequestFacts>): Found =>
  findRule(compileRoutes(table, []), requestFacts(facts));
const nameOf = (found: Found): string => (found.type === "Matched" ? found.entry.rule.name.rule : found.type);
const offering = (...subprotocols: readonly string[]) => ({ webSocket: { key: "", subprotocols, extensions: [] } });

describe("hosts", () => {
  const hosts: readonly (readonly [string, HostPattern])[] = [
    ["exact", { type: "exact", name: "a.b.example" }],
    ["long", { type: "many-labels", suffix: "b.example" }],
    ["one label", { type: "one-label", suffix: "example" }],
    ["many labels", { type: "many-labels", suffix: "example" }],
    ["any", { type: "any" }],
  ];
  const table = (...left: readonly string[]): RoutingTable => ({
    groups: hosts
      .filter(([name]) => left.length === 0 || left.includes(name))
      .map(([name, host]) => ({ host, entries: [entryFor(forwardTo([]), name, rule("/").match)] })),
    fallback: [],
  });

  test.each([
    ["a.b.example", "exact"],
    ["c.b.example", "long"],
    ["d.c.b.example", "long"],
    ["b.example", "one label"],
    ["d.c.example", "many labels"],
    ["example", "any"],
    [".example", "any"],
    ["other", "any"],
    ["192.0.2.1", "any"],
    ["__proto__", "any"],
    ["constructor", "any"],
  ])("%s is answered by the group for %s", (host, group) => {
    expect(nameOf(find(table(), { host }))).toBe(group);
  });

  test("there is no falling through to a wider group", () => {
    const groups = [
      { host: { type: "exact", name: "a.example" }, entries: [rule("/only")] },
      { host: { type: "one-label", suffix: "example" }, entries: [rule("/")] },
      { host: { type: "any" }, entries: [rule("/")] },
    ] as const;
    expect(nameOf(find({ groups, fallback: [] }, { host: "a.example", path: "/other" }))).toBe("NoRule");
  });

  test("the fallback comes last in every group, and answers for hosts without one", () => {
    const groups = [{ host: { type: "exact", name: "a.example" }, entries: [rule("/a")] }] as const;
    const both = { groups, fallback: [rule("/", "PathPrefix")] };
    expect(nameOf(find(both, { host: "a.example", path: "/a" }))).toBe("PathPrefix /a");
    expect(nameOf(find(both, { host: "a.example", path: "/b" }))).toBe("PathPrefix /");
    expect(nameOf(find(both, { host: "b.example", path: "/a" }))).toBe("PathPrefix /");
  });

  test("without a group or a fallback there is no host", () => {
    expect(nameOf(find(table("exact"), { host: "other" }))).toBe("NoHost");
  });
});

describe("paths", () => {
  test.each([
    ["/ws", "/ws", true],
    ["/ws", "/ws/", true],
    ["/ws", "/ws/x", true],
    ["/ws", "/wsx", false],
    ["/ws", "/w", false],
    ["/ws", "/WS", false],
    ["/ws/", "/ws", true],
    ["/ws/", "/ws/x", true],
    ["/ws/", "/wsx", false],
    ["/", "/anything", true],
    ["/a//b", "/a//b/c", true],
    ["/a//b", "/a/b", false],
    ["/a%2Fb", "/a%2Fb/c", true],
    ["/a", "/a%2Fb", false],
    ["/a", "/a;b", false],
  ])("the prefix %s and the path %s: %s", (prefix, path, matches) => {
    expect(find(one(rule(prefix)), { path }).type).toBe(matches ? "Matched" : "NoRule");
  });

  test.each([
    ["/ws", "/ws", true],
    ["/ws", "/ws/", false],
    ["/ws/", "/ws", false],
    ["/", "/x", false],
  ])("Exact %s and the path %s: %s", (value, path, matches) => {
    expect(find(one(rule(value, "Exact")), { path }).type).toBe(matches ? "Matched" : "NoRule");
  });

  test("what ReplacePrefixMatch replaces is told without its trailing slash, and only of prefixes", () => {
    expect(find(one(rule("/ws/")), { path: "/ws/x" })).toMatchObject({ prefix: "/ws" });
    expect(find(one(rule("/")), { path: "/ws/x" })).toMatchObject({ prefix: "" });
    expect(find(one(rule("/ws", "Exact")), { path: "/ws" })).toMatchObject({ prefix: null });
  });

  test("the first entry in the list that matches answers", () => {
    const table = one(rule("/a", "Exact"), rule("/a.*", "RegularExpression"), rule("/a"), rule("/"));
    expect(["/a", "/ab", "/a/b", "/b"].map((path) => nameOf(find(table, { path })))).toEqual([
      "Exact /a",
      "RegularExpression /a.*",
      "RegularExpression /a.*",
      "PathPrefix /",
    ]);
  });

  test("a path of slashes costs no more than the prefixes that are there", () => {
    const table = one(...Array.from({ length: 200 }, (_, at) => rule(`/${"/".repeat(at)}x`)));
    const index = compileRoutes(table, []);
    const facts = requestFacts({ path: "/".repeat(16_000) });
    const begin = performance.now();
    for (let round = 0; round < 50; round += 1) expect(findRule(index, facts).type).toBe("NoRule");
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

describe("headers, query parameters and subprotocols", () => {
  const field = (name: string, value: string, type: FieldMatch["type"] = "Exact"): FieldMatch => ({
    type,
    name,
    value,
  });

  test.each<[string, Partial<Match>, Partial<RequestFacts>, boolean]>([
    ["a header", { headers: [field("x", "1")] }, { headers: new Map([["x", ["1"]]]) }, true],
    ["another value", { headers: [field("x", "1")] }, { headers: new Map([["x", ["2"]]]) }, false],
    ["its absence", { headers: [field("x", "")] }, {}, false],
    ["repeated headers as a list", { headers: [field("x", "1, 2")] }, { headers: new Map([["x", ["1", "2"]]]) }, true],
    ["one of repeated headers", { headers: [field("x", "1")] }, { headers: new Map([["x", ["1", "2"]]]) }, false],
    [
      "a header pattern, whole",
      { headers: [field("x", "a+", "RegularExpression")] },
      { headers: new Map([["x", ["aab"]]]) },
      false,
    ],
    ["a query parameter", { queryParams: [field("v", "2")] }, { query: "?v=2" }, true],
    ["a decoded query parameter", { queryParams: [field("v", "a b")] }, { query: "?v=a%20b" }, true],
    ["the first of repeated parameters", { queryParams: [field("v", "2")] }, { query: "?v=1&v=2" }, false],
    ["a parameter's case", { queryParams: [field("V", "2")] }, { query: "?v=2" }, false],
    ["a parameter named __proto__", { queryParams: [field("__proto__", "1")] }, { query: "?__proto__=1" }, true],
    ["a parameter that no one sent", { queryParams: [field("toString", "1")] }, { query: "?a=1" }, false],
    ["one offered subprotocol of several", { subprotocols: ["a", "b"] }, offering("c", "b"), true],
    ["no wanted subprotocol", { subprotocols: ["a"] }, offering("b"), false],
    [
      "all parts at once",
      { headers: [field("x", "1")], queryParams: [field("v", "2")], subprotocols: ["a"] },
      { headers: new Map([["x", ["1"]]]), query: "?v=1", ...offering("a") },
      false,
    ],
  ])("%s", (_title, match, facts, matches) => {
    expect(find(one(rule("/", "PathPrefix", match)), facts).type).toBe(matches ? "Matched" : "NoRule");
  });

  test("a plain request that only entries with subprotocols match needs an upgrade", () => {
    const table = one(rule("/a", "PathPrefix", { subprotocols: ["x"] }), rule("/b"));
    expect(find(table, { path: "/a" }).type).toBe("UpgradeOnly");
    expect(find(table, { path: "/c" }).type).toBe("NoRule");
    expect(nameOf(find(table, { path: "/b" }))).toBe("PathPrefix /b");
  });

  test("a plain request passes over entries with subprotocols to a wider one", () => {
    const table = one(rule("/a", "PathPrefix", { subprotocols: ["x"] }), rule("/"));
    expect(nameOf(find(table, { path: "/a" }))).toBe("PathPrefix /");
  });
});

describe("patterns", () => {
  test("a path over 2 KiB is too long for a host with patterns, and only there", () => {
    const long = `/a${"x".repeat(2047)}`;
    const groups = [
      { host: { type: "exact", name: "with" }, entries: [rule("/b", "RegularExpression"), rule("/a")] },
      { host: { type: "exact", name: "without" }, entries: [rule("/")] },
    ] as const;
    const table = { groups, fallback: [] };
    expect(find(table, { host: "with", path: long }).type).toBe("PathTooLong");
    expect(find(table, { host: "with", path: long.slice(0, 2048) }).type).toBe("NoRule");
    expect(find(table, { host: "without", path: long }).type).toBe("Matched");
  });

  test("the larger the patterns of a host are together, the shorter are the paths that may be tested", () => {
    const pattern = `/${"[a-y]".repeat(150)}`;
    const patterns = Array.from({ length: 32 }, (_, at) => rule(`${pattern}${at}`, "RegularExpression"));
    const table = one(...patterns, rule("/"));
    expect(find(table, { path: `/${"z".repeat(30)}` }).type).toBe("Matched");
    expect(find(table, { path: `/${"z".repeat(50)}` }).type).toBe("PathTooLong");
    expect(find(one(rule(pattern, "RegularExpression"), rule("/")), { path: `/${"z".repeat(1000)}` }).type).toBe(
      "Matched",
    );
  });

  test("a field that is too long for the patterns does not match them, and nothing is refused for it", () => {
    const headers = [{ type: "RegularExpression", name: "x", value: "a*" }] as const;
    const table = one(rule("/", "PathPrefix", { headers }));
    const asked = (length: number) => ({
      headers: new Map([["x", ["a".repeat(length)]]]),
      path: `/${"p".repeat(3000)}`,
    });
    expect(find(table, asked(2048)).type).toBe("Matched");
    expect(find(table, asked(2049)).type).toBe("NoRule");
  });

  test("an unreadable pattern refuses what could have been meant for it, and nothing before it", () => {
    const table = one(rule("/exact", "Exact"), rule("/(", "RegularExpression"), rule("/"));
    expect(nameOf(find(table, { path: "/exact" }))).toBe("Exact /exact");
    const found = find(table, { path: "/other" });
    expect(found).toMatchObject({ entry: { rule: { action: { type: "Refuse", status: 503 } } } });
  });

  test("an unreadable header pattern refuses its path whatever the header says", () => {
    const headers = [{ type: "RegularExpression", name: "x", value: "(" }] as const;
    const table = one(rule("/a", "PathPrefix", { headers }), rule("/"));
    expect(find(table, { path: "/a" })).toMatchObject({ entry: { rule: { action: { type: "Refuse" } } } });
    expect(nameOf(find(table, { path: "/b" }))).toBe("PathPrefix /");
  });
});

describe("gates", () => {
  const allow: Gate = () => ({ allowed: true });
  const forward = (policies: ReadonlyMap<string, unknown>) => one(entryFor(forwardTo([], { policies })));

  test("are built on first use, once a rule, in the order of the policies", () => {
    const built: string[] = [];
    const policy = (name: string) => ({
      name,
      gate: (config: string): Gate => {
        built.push(`${name} ${config}`);
        return allow;
      },
    });
    const index = compileRoutes(
      forward(
        new Map([
          ["b", "2"],
          ["a", "1"],
        ]),
      ),
      [policy("a"), policy("b"), policy("c")],
    );
    expect(built).toEqual([]);
    expect(findRule(index, requestFacts())).toMatchObject({ gates: [allow, allow] });
    findRule(index, requestFacts());
    expect(built).toEqual(["a 1", "b 2"]);
  });

  test.each([
    ["unknown", []],
    [
      "broken",
      [
        {
          name: "broken",
          gate: () => {
            throw new Error("no");
          },
        },
      ],
    ],
  ])("a policy that is %s refuses everything", (name, policies) => {
    const found = findRule(compileRoutes(forward(new Map([[name, {}]])), policies), requestFacts());
    const decisions = found.type === "Matched" ? found.gates.map((gate) => gate(requestFacts())) : [];
    expect(decisions).toMatchObject([{ allowed: false, failure: "RouteRefused" }]);
  });
});

describe("the matcher equals the naive search", () => {
  test("over random tables, sorted or not, and random requests", () => {
    let matched = 0;
    fc.assert(
      fc.property(arbitraryTable, fc.array(arbitraryFacts, { minLength: 1, maxLength: 8 }), (routing, requests) => {
        const index = compileRoutes(routing, []);
        for (const request of requests) {
          const found = findRule(index, request);
          const expected = searchNaively(routing, request);
          if (found.type === "Matched") matched += 1;
          expect(found.type === "Matched" ? found.entry : found.type).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
    // About 200 do; that few do not would mean that nothing was compared.
    expect(matched).toBeGreaterThan(50);
  });
});
