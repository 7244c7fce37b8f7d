import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { type DrainOutcome, type DrainTimes, drain } from "../../../src/proxy/relay/drain.ts";
import type { Relay } from "../../../src/proxy/relay/relay.ts";
import { createFakeClock, type FakeClock } from "../../harness/fake-clock.ts";
import {
  cleanEnd,
  createFakeConnections,
  type FakeConnections,
  openedBy,
  relayId,
  seededRandom,
} from "./fake-connections.ts";

const TIMES: DrainTimes = { maxDrainMs: 65_000, deadlineMs: 90_000 };

/** Begins a drain and waits until its turns are planned. */
async function begin(
  clock: FakeClock,
  fake: FakeConnections,
  given: {
    readonly times?: DrainTimes;
    readonly random?: () => number;
    readonly relay?: FakeConnections["relay"];
    readonly handshakesOver?: Promise<void>;
  } = {},
) {
  const { times = TIMES, random = seededRandom(7), relay = fake.relay, handshakesOver = Promise.resolve() } = given;
  const state: { outcome: DrainOutcome | null } = { outcome: null };
  const done = drain({ ...fake, relay, clock, random, handshakesOver }, times).then((outcome) => {
    state.outcome = outcome;
    return outcome;
  });
  await setImmediate();
  return { done, state };
}

function perSecond(fake: FakeConnections, seconds: number): readonly number[] {
  return Array.from({ length: seconds }, (_, second) => {
    return fake.asked.filter(({ atMs }) => Math.floor(atMs / 1000) === second).length;
  });
}

test.each([1, 2, 3, 4, 5])(
  "2 000 connections close at a rate within a fifth of even in every second (seed %i).",
  async (seed) => {
    const clock = createFakeClock();
    const fake = createFakeConnections(clock);
    for (let id = 1; id <= 2000; id += 1) fake.connections.opened(relayId(id), openedBy(`${id}`));
    const { done } = await begin(clock, fake, { random: seededRandom(seed) });
    clock.advance(11_000);
    expect(await done).toEqual({ asked: 2000, ended: 2000, unclean: 0, left: 0 });
    for (const count of perSecond(fake, 10)) {
      expect(count).toBeGreaterThanOrEqual(160);
      expect(count).toBeLessThanOrEqual(240);
    }
    expect(new Set(fake.asked.map(({ id }) => id)).size).toBe(2000);
    expect(clock.pending()).toBe(0);
  },
);

test("Idle connections go first, the longest quiet before all.", async () => {
  const clock = createFakeClock();
  const fake = createFakeConnections(clock, { quietMs: (id) => (id * 7919) % 1000 });
  for (let id = 1; id <= 500; id += 1) fake.connections.opened(relayId(id), openedBy(`${id}`));
  const { done } = await begin(clock, fake);
  clock.advance(11_000);
  await done;
  const quiet = fake.asked.map(({ id }) => (id * 7919) % 1000);
  expect(quiet).toEqual(quiet.toSorted((a, b) => b - a));
});

test("The order says drain, the route's words to the client, 1001 to the backend, and the route's close timeout.", async () => {
  const clock = createFakeClock();
  const fake = createFakeConnections(clock);
  fake.connections.opened(relayId(1), openedBy("a", { code: 4001, reason: "moving" }));
  const { done } = await begin(clock, fake);
  clock.advance(11_000);
  await done;
  const words = { client: { code: 4001, reason: "moving" }, backend: { code: 1001, reason: "" } };
  expect(fake.asked.map(({ order }) => order)).toEqual([{ cause: "drain", words, closeMs: 2000 }]);
});

test("Each route has a window of its own, and none is longer than the longest that fits.", async () => {
  const clock = createFakeClock();
  const fake = createFakeConnections(clock);
  for (let id = 1; id <= 300; id += 1) {
    const windowMs = [0, 2000, 600_000][id % 3] ?? 0;
    fake.connections.opened(relayId(id), openedBy(`${id}`, { windowMs }));
  }
  const { done } = await begin(clock, fake, { times: { maxDrainMs: 7000, deadlineMs: 9000 } });
  clock.advance(6000);
  await done;
  const lastOf = (rest: number): number =>
    Math.max(...fake.asked.filter(({ id }) => id % 3 === rest).map(({ atMs }) => atMs));
  expect(lastOf(0)).toBe(0);
  expect(lastOf(1)).toBeGreaterThan(1900);
  expect(lastOf(1)).toBeLessThanOrEqual(2000);
  expect(lastOf(2)).toBeGreaterThan(4900);
  expect(lastOf(2)).toBeLessThanOrEqual(5000);
});

test("It resolves with the last end, not before, and counts what was unclean.", async () => {
  const clock = createFakeClock();
  const fake = createFakeConnections(clock, { holds: () => true });
  for (const id of [1, 2, 3]) fake.connections.opened(relayId(id), openedBy(`${id}`));
  const { done, state } = await begin(clock, fake);
  clock.advance(20_000);
  fake.connections.ended(cleanEnd(1));
  fake.connections.ended(cleanEnd(2, { clean: false }));
  await setImmediate();
  expect(state.outcome).toBeNull();
  fake.connections.ended(cleanEnd(3));
  expect(await done).toEqual({ asked: 3, ended: 3, unclean: 1, left: 0 });
  expect(clock.pending()).toBe(0);
});

test("It gives up at the deadline and says what is left.", async () => {
  const clock = createFakeClock();
  const fake = createFakeConnections(clock, { holds: (id) => id === 2 });
  for (const id of [1, 2]) fake.connections.opened(relayId(id), openedBy(`${id}`));
  const { done, state } = await begin(clock, fake);
  clock.advance(89_999);
  await setImmediate();
  expect(state.outcome).toBeNull();
  clock.advance(1);
  expect(await done).toEqual({ asked: 2, ended: 1, unclean: 0, left: 1 });
  expect(clock.pending()).toBe(0);
});

test("With nothing open it resolves at once.", async () => {
  const clock = createFakeClock();
  const { done } = await begin(clock, createFakeConnections(clock));
  expect(await done).toEqual({ asked: 0, ended: 0, unclean: 0, left: 0 });
});

test("A connection that is opened meanwhile is told at once.", async () => {
  const clock = createFakeClock();
  const fake = createFakeConnections(clock);
  fake.connections.opened(relayId(1), openedBy("a"));
  const { done } = await begin(clock, fake, { random: () => 0.9 });
  clock.advance(100);
  fake.connections.opened(relayId(2), openedBy("late"));
  expect(fake.asked).toMatchObject([{ id: 2, atMs: 100 }]);
  clock.advance(11_000);
  expect(await done).toMatchObject({ asked: 2, ended: 2 });
});

test("A drain without a connection waits for the handshakes in flight, and says goodbye to what they open.", async () => {
  const clock = createFakeClock();
  const fake = createFakeConnections(clock);
  const handshakes = Promise.withResolvers<void>();
  const { done, state } = await begin(clock, fake, { handshakesOver: handshakes.promise });
  clock.advance(5_000);
  await setImmediate();
  expect(state.outcome).toBeNull();
  fake.connections.opened(relayId(1), openedBy("late"));
  expect(fake.asked).toMatchObject([{ id: 1, atMs: 5_000 }]);
  handshakes.resolve();
  await setImmediate();
  clock.advance(1_000);
  expect(await done).toEqual({ asked: 1, ended: 1, unclean: 0, left: 0 });
});

test("A connection that ends before its turn is not asked.", async () => {
  const clock = createFakeClock();
  const fake = createFakeConnections(clock);
  for (const id of [1, 2]) fake.connections.opened(relayId(id), openedBy(`${id}`));
  const { done } = await begin(clock, fake, { random: () => 0.5 });
  fake.connections.ended(cleanEnd(2));
  clock.advance(11_000);
  expect(await done).toEqual({ asked: 1, ended: 2, unclean: 0, left: 0 });
  expect(fake.asked.map(({ id }) => id)).toEqual([1]);
});

const SILENT: Pick<Relay, "inspect">["inspect"] = () => new Promise(() => undefined);
const BROKEN: Pick<Relay, "inspect">["inspect"] = () => Promise.reject(new Error("the worker is gone"));

test.each([
  ["does not answer", SILENT],
  ["fails", BROKEN],
])("A relay that %s about idleness delays the drain by a second at most.", async (_, inspect) => {
  const clock = createFakeClock();
  const fake = createFakeConnections(clock);
  for (const id of [1, 2, 3]) fake.connections.opened(relayId(id), openedBy(`${id}`));
  const { done } = await begin(clock, fake, { relay: { ...fake.relay, inspect } });
  clock.advance(1000);
  await setImmediate();
  clock.advance(11_000);
  expect(await done).toMatchObject({ asked: 3, ended: 3 });
});
