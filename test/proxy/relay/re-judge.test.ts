import { expect, test } from "vitest";
import type { RuleName } from "../../../src/base/report.ts";
import { finish } from "../../../src/base/work.ts";
import { createReJudge } from "../../../src/proxy/relay/re-judge.ts";
import type { Entry } from "../../../src/table/routing-table.ts";
import { nameRules, type RuleNames } from "../../../src/table/rule-names.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { CHAT, cleanEnd, createFakeConnections, openedBy, relayId, seededRandom } from "./fake-connections.ts";

const NEWS: RuleName = { ...CHAT, name: "news" };
const INGRESS: RuleName = { ...CHAT, kind: "Ingress" };

/** The names of a table with a rule for each; what it does with requests does not matter here. */
function tableOf(names: readonly RuleName[], fallback: readonly RuleName[] = []): RuleNames {
  const entryOf = (name: RuleName): Entry => ({
    match: { path: { type: "PathPrefix", value: "/" }, headers: [], queryParams: [], subprotocols: [] },
    rule: { name, action: { type: "Refuse", status: 503, detail: "" } },
  });
  const groups = [{ host: { type: "any" } as const, entries: names.map(entryOf) }];
  return finish(nameRules({ groups, fallback: fallback.map(entryOf) }));
}

function begin(holds = false) {
  const clock = createFakeClock();
  const fake = createFakeConnections(clock, { holds: () => holds });
  const reJudge = createReJudge({ ...fake, clock, random: seededRandom(3) });
  const open = (id: number, route: RuleName | null, onRouteDeleted: "Keep" | "Close", windowMs = 10_000): void => {
    fake.connections.opened(relayId(id), openedBy(`${id}`, { onRouteDeleted, windowMs, code: 4002 }, { route }));
  };
  const asked = (): readonly number[] => fake.asked.map(({ id }) => id).toSorted((a, b) => a - b);
  return { clock, fake, reJudge, open, asked };
}

test("Only connections whose route is gone and who asked for Close are closed; nothing else is touched.", () => {
  const { clock, fake, reJudge, open, asked } = begin();
  open(1, CHAT, "Close");
  open(2, CHAT, "Keep");
  open(3, NEWS, "Close");
  open(4, NEWS, "Keep");
  open(5, INGRESS, "Close");
  open(6, null, "Close");
  reJudge.swapped(tableOf([NEWS], [INGRESS]));
  clock.advance(60_000);
  expect(asked()).toEqual([1]);
  const words = { client: { code: 4002, reason: "bye" }, backend: { code: 1001, reason: "" } };
  expect(fake.asked[0]?.order).toEqual({ cause: "route-removed", words, closeMs: 2000 });
  expect(fake.connections.counts().open).toBe(5);
});

test("500 swaps that keep the route, whatever else changes, close nothing.", () => {
  const { clock, reJudge, open, asked } = begin();
  for (let id = 1; id <= 20; id += 1) open(id, CHAT, "Close");
  for (let swap = 0; swap < 500; swap += 1) {
    reJudge.swapped(
      tableOf([
        { ...CHAT, rule: `renamed-${swap}` },
        { ...NEWS, name: `other-${swap}` },
      ]),
    );
    clock.advance(1000);
  }
  expect(asked()).toEqual([]);
  expect(clock.pending()).toBe(0);
});

test("A route of the same name but of another kind or namespace does not stand in for it.", () => {
  const { clock, reJudge, open, asked } = begin();
  open(1, CHAT, "Close");
  reJudge.swapped(tableOf([INGRESS, { ...CHAT, namespace: "other" }]));
  clock.advance(20_000);
  expect(asked()).toEqual([1]);
});

test("The closes are spread evenly over the route's drain window.", () => {
  const { clock, fake, reJudge, open } = begin();
  for (let id = 1; id <= 1000; id += 1) open(id, CHAT, "Close");
  clock.advance(5000);
  reJudge.swapped(tableOf([]));
  clock.advance(10_000);
  expect(fake.asked).toHaveLength(1000);
  for (let second = 5; second < 15; second += 1) {
    const count = fake.asked.filter(({ atMs }) => Math.floor(atMs / 1000) === second).length;
    expect(Math.abs(count - 100)).toBeLessThanOrEqual(20);
  }
});

test("A route that comes back keeps the connections whose turn has not come.", () => {
  const { clock, reJudge, open, asked } = begin();
  for (let id = 1; id <= 10; id += 1) open(id, CHAT, "Close");
  reJudge.swapped(tableOf([]));
  clock.advance(5000);
  reJudge.swapped(tableOf([CHAT]));
  clock.advance(60_000);
  expect(asked()).toHaveLength(5);
  expect(clock.pending()).toBe(0);
});

test("Further swaps neither hasten nor delay a turn, and close nobody twice.", () => {
  const { clock, fake, reJudge, open, asked } = begin();
  for (let id = 1; id <= 10; id += 1) open(id, CHAT, "Close");
  reJudge.swapped(tableOf([]));
  for (let swap = 0; swap < 200; swap += 1) {
    clock.advance(50);
    reJudge.swapped(tableOf([NEWS]));
  }
  expect(asked()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (const [index, { atMs }] of fake.asked.entries()) expect(Math.floor(atMs / 1000)).toBe(index);
});

test("A connection that ended before its turn is not asked, and a stopped judge asks nobody.", () => {
  const { clock, fake, reJudge, open, asked } = begin();
  for (const id of [1, 2, 3, 4]) open(id, CHAT, "Close");
  reJudge.swapped(tableOf([]));
  fake.connections.ended(cleanEnd(1));
  clock.advance(5000);
  reJudge.stop();
  clock.advance(60_000);
  expect(asked()).toEqual([2]);
  expect(clock.pending()).toBe(0);
});

test("A connection that was asked and has not ended yet is not asked again by the next swap.", () => {
  const { clock, reJudge, open, asked } = begin(true);
  for (const id of [1, 2]) open(id, CHAT, "Close");
  reJudge.swapped(tableOf([]));
  clock.advance(6000);
  reJudge.swapped(tableOf([NEWS]));
  clock.advance(60_000);
  expect(asked()).toEqual([1, 2]);
});
