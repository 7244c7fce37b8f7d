import { expect, test } from "vitest";
import type { Clock } from "../../../src/base/ports.ts";
import { createLiveTable } from "../../../src/proxy/listen/live-table.ts";
import { findRule } from "../../../src/table/match.ts";
import { endpointTable, entryFor, forwardTo, requestFacts, routingTable } from "../../harness/build-table.ts";
import { certificateTable } from "../../harness/make-certificate.ts";

function manualClock(): Clock & { nowMs: number } {
  return {
    nowMs: 0,
    wallMs: () => 0,
    monotonicMs() {
      return this.nowMs;
    },
    after: () => ({ stop: () => {} }),
  };
}

const routing = routingTable({ "*": [entryFor(forwardTo([]))] });

test("before anything is published nothing is routed, and the table is not complete", () => {
  const live = createLiveTable([], manualClock());
  expect(findRule(live.routes(), requestFacts())).toEqual({ type: "NoHost" });
  expect(live.endpoints().size).toBe(0);
  expect(live.hostTls().table.fallback).toBeNull();
  expect(live.isComplete()).toBe(false);
});

test("it is complete once each table was published, be it empty", () => {
  const live = createLiveTable([], manualClock());
  live.publish({ routing: routingTable({}), endpoints: new Map() });
  expect(live.isComplete()).toBe(false);
  live.publish({ certificates: certificateTable([], []) });
  expect(live.isComplete()).toBe(true);
});

test("a swap of one table leaves the others as they are, by reference", () => {
  const live = createLiveTable([], manualClock());
  live.publish({ routing, endpoints: new Map(), certificates: certificateTable([], []) });
  const [routes, hostTls] = [live.routes(), live.hostTls()];
  const endpoints = endpointTable({ "n/a:1": [1] });
  live.publish({ endpoints });
  expect(live.endpoints()).toBe(endpoints);
  expect(live.routes()).toBe(routes);
  expect(live.hostTls()).toBe(hostTls);
});

test("publishing a table again does not prepare it again", () => {
  const live = createLiveTable([], manualClock());
  live.publish({ routing });
  const routes = live.routes();
  live.publish({ routing });
  expect(live.routes()).toBe(routes);
  expect(live.ages().routing.version).toBe(1);
});

test("versions count swaps, and ages the time since", () => {
  const clock = manualClock();
  const live = createLiveTable([], clock);
  clock.nowMs = 100;
  live.publish({ routing });
  clock.nowMs = 150;
  expect(live.ages()).toEqual({
    routing: { version: 1, ageMs: 50 },
    endpoints: { version: 0, ageMs: 150 },
    certificates: { version: 0, ageMs: 150 },
  });
});

test("who holds an earlier index may finish with it", () => {
  const live = createLiveTable([], manualClock());
  live.publish({ routing });
  const held = live.routes();
  live.publish({ routing: routingTable({}) });
  expect(findRule(held, requestFacts()).type).toBe("Matched");
  expect(findRule(live.routes(), requestFacts()).type).toBe("NoHost");
});

test("tables that are being prepared are not in use, and then all at once", () => {
  const live = createLiveTable([], manualClock());
  const endpoints = endpointTable({ "n/a:1": [1] });
  const work = live.prepare({ routing, endpoints });
  let step = work.next();
  for (; step.done !== true; step = work.next()) expect(live.endpoints().size).toBe(0);
  expect(live.routes().table).not.toBe(routing);
  step.value();
  expect(live.routes().table).toBe(routing);
  expect(live.endpoints()).toBe(endpoints);
});

test("hosts that a new table shares with the one before are not indexed again, large or small", () => {
  const many = Array.from({ length: 300 }, (_, index) => entryFor(forwardTo([]), `/${index}`));
  const before = routingTable({ "a.example": [entryFor(forwardTo([]))], "b.example": many });
  const live = createLiveTable([], manualClock());
  const indexesOf = () => ["a.example", "b.example"].map((host) => live.routes().hosts.exact.get(host)?.());
  live.publish({ routing: before });
  const [small, large] = indexesOf();
  live.publish({ routing: { groups: before.groups.toReversed(), fallback: [] } });
  expect(indexesOf()).toEqual([small, large]);
  expect(indexesOf()[0]).toBe(small);
  expect(indexesOf()[1]).toBe(large);
  live.publish({ routing: routingTable({ "a.example": [entryFor(forwardTo([]))] }) });
  expect(indexesOf()[0]).not.toBe(small);
  expect(indexesOf()[1]).toBeUndefined();
});
