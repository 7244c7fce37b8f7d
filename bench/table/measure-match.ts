import { POLICIES } from "../../src/policy/index.ts";
import type { MatchFacts } from "../../src/table/entry-conditions.ts";
import { compileRoutes, findRule, type RouteIndex } from "../../src/table/match.ts";
import type { Entry, HostGroup, RoutingTable } from "../../src/table/routing-table.ts";
import { translate } from "../../src/translate/translate.ts";
import { type Figure, inUnit } from "./figures.ts";
import { hostOf, makeApplication, makeView } from "./make-objects.ts";
import { OPTIONS } from "./options.ts";

const ROUNDS = 200_000;

/** What it costs to find the rule of a request, in tables of several sizes and shapes. */
export function measureMatch(): readonly Figure[] {
  return [...[100, 1_000, 10_000].map((count) => onHosts(count)), onOneHost(10_000), firstOnOneHost(10_000)];
}

function onHosts(count: number): Figure {
  const index = compileRoutes(tableOf(count), POLICIES);
  const facts = Array.from({ length: 1_000 }, (_, at) => ask(hostOf((at * 7_919) % count), "/ws/room"));
  return {
    what: `match, ${count} hosts with a route each`,
    value: inUnit(timeEach(index, facts), "us"),
    target: "below 5 us",
  };
}

function onOneHost(count: number): Figure {
  const facts = Array.from({ length: 1_000 }, (_, at) => ask("one.example.com", `/app-${(at * 7_919) % count}/ws`));
  const cost = timeEach(compileRoutes(oneHost(count), POLICIES), facts);
  return { what: `match, one host with ${count} routes`, value: inUnit(cost, "us"), target: "below 5 us" };
}

function firstOnOneHost(count: number): Figure {
  const index = compileRoutes(oneHost(count), POLICIES);
  const startMs = performance.now();
  findRule(index, ask("one.example.com", "/app-1/ws"));
  const value = inUnit(performance.now() - startMs, "ms");
  return { what: `the first match on that host after a change`, value, target: "below 20 ms" };
}

/** Microseconds a match; every path is tried until it is warm. */
function timeEach(index: RouteIndex, facts: readonly MatchFacts[]): number {
  let found = 0;
  const run = (rounds: number): void => {
    for (let round = 0; round < rounds; round += 1) {
      const each = facts[round % facts.length];
      if (each !== undefined && findRule(index, each).type === "Matched") found += 1;
    }
  };
  run(20_000);
  const startMs = performance.now();
  run(ROUNDS);
  if (found !== ROUNDS + 20_000) throw new Error(`${found} of the requests have a route`);
  return ((performance.now() - startMs) * 1_000) / ROUNDS;
}

function tableOf(count: number): RoutingTable {
  const applications = Array.from({ length: count }, (_, index) => makeApplication(index));
  return translate(makeView(applications), OPTIONS).tables.routing;
}

/** The same rules, told apart by their paths. */
function oneHost(count: number): RoutingTable {
  const entries = tableOf(count)
    .groups.flatMap((group) => group.entries)
    .map(
      (entry, index): Entry => ({
        ...entry,
        match: { ...entry.match, path: { type: "PathPrefix", value: `/app-${index}` } },
      }),
    );
  const group: HostGroup = { host: { type: "exact", name: "one.example.com" }, entries };
  return { groups: [group], fallback: [] };
}

function ask(host: string, path: string): MatchFacts {
  return { host, path, query: "", headers: new Map(), webSocket: { key: "", subprotocols: [], extensions: [] } };
}
