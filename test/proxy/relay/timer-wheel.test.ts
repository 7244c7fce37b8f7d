import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createTimerWheel } from "../../../src/proxy/relay/timer-wheel.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

const NEVER = Number.POSITIVE_INFINITY;
const TICK_MS = 100;

type Owner = { dueMs: number; readonly seenAt: number[] };

test("A look comes within one tick after it is due and never before, near or far beyond the horizon.", () => {
  const owners = fc.array(fc.record({ addedAt: fc.nat(3000), delay: fc.nat(20_000) }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.nat(1_000_000), owners, fc.array(fc.integer({ min: 1, max: 900 })), (start, plan, steps) => {
      const clock = createFakeClock(start);
      const look = (owner: Owner, nowMs: number): number => {
        owner.seenAt.push(nowMs);
        return NEVER;
      };
      const wheel = createTimerWheel<Owner>({ clock, tickMs: TICK_MS, buckets: 16, look });
      const all = plan.map(({ addedAt, delay }) => {
        const owner: Owner = { dueMs: start + addedAt + delay, seenAt: [] };
        clock.after(addedAt, () => wheel.add(owner, owner.dueMs));
        return owner;
      });
      for (const ms of steps) clock.advance(ms);
      clock.advance(24_000);
      for (const { dueMs, seenAt } of all) {
        expect(seenAt).toHaveLength(1);
        expect(seenAt[0]).toBeGreaterThanOrEqual(dueMs);
        // Something that is due when it is added is seen at the next tick.
        expect(seenAt[0]).toBeLessThanOrEqual(dueMs + TICK_MS + 1);
      }
      expect(wheel.size()).toBe(0);
      expect(clock.pending()).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test("Activity only writes a timestamp: the look that comes too early says when to look again.", () => {
  const clock = createFakeClock();
  const idleMs = 1000;
  const ended: number[] = [];
  const connection = { activeAtMs: 0, looks: 0 };
  const wheel = createTimerWheel<typeof connection>({
    clock,
    tickMs: TICK_MS,
    buckets: 64,
    look: (owner, nowMs) => {
      owner.looks += 1;
      if (nowMs < owner.activeAtMs + idleMs) return owner.activeAtMs + idleMs;
      ended.push(nowMs);
      return NEVER;
    },
  });
  wheel.add(connection, idleMs);
  for (let index = 0; index < 500; index += 1) {
    clock.advance(10);
    connection.activeAtMs = clock.monotonicMs();
  }
  expect(ended).toEqual([]);
  expect(connection.looks).toBeLessThanOrEqual(6);
  clock.advance(idleMs + TICK_MS);
  expect(ended).toEqual([6000]);
});

test("A wish for an earlier look moves it, a wish for a later one does not.", () => {
  const clock = createFakeClock();
  const seen: string[] = [];
  const look = (owner: string, nowMs: number): number => {
    seen.push(`${owner}@${nowMs}`);
    return NEVER;
  };
  const wheel = createTimerWheel<string>({ clock, tickMs: TICK_MS, buckets: 8, look });
  const early = wheel.add("early", 50_000);
  const late = wheel.add("late", 500);
  wheel.sooner(early, 1000);
  wheel.sooner(late, 5000);
  clock.advance(60_000);
  expect(seen).toEqual(["late@500", "early@1000"]);
});

test("What was removed is never looked at, also when another's look removes it.", () => {
  const clock = createFakeClock();
  const seen: string[] = [];
  const wheel = createTimerWheel<string>({
    clock,
    tickMs: TICK_MS,
    buckets: 8,
    look: (owner) => {
      seen.push(owner);
      for (const watch of watches) wheel.remove(watch);
      return 0;
    },
  });
  const watches = ["a", "b", "c"].map((name) => wheel.add(name, 300));
  wheel.remove(wheel.add("gone", 300));
  clock.advance(5000);
  expect(seen).toHaveLength(1);
  expect(wheel.size()).toBe(0);
  expect(clock.pending()).toBe(0);
});

test("A look that asks for the past is seen once a tick, not for ever in one.", () => {
  const clock = createFakeClock();
  let looks = 0;
  const look = (): number => {
    looks += 1;
    return 0;
  };
  const wheel = createTimerWheel<string>({ clock, tickMs: TICK_MS, buckets: 8, look });
  wheel.add("eager", 0);
  clock.advance(1000);
  expect(looks).toBe(10);
});

test("After a pause of the process everything due is seen once, and the rest in time.", () => {
  const clock = createFakeClock();
  const seen = new Map<number, number>();
  const look = (dueMs: number, nowMs: number): number => {
    expect(seen.has(dueMs)).toBe(false);
    seen.set(dueMs, nowMs);
    return NEVER;
  };
  const wheel = createTimerWheel<number>({ clock, tickMs: TICK_MS, buckets: 8, look });
  for (let dueMs = 50; dueMs < 20_000; dueMs += 70) wheel.add(dueMs, dueMs);
  clock.jump(10_000);
  expect([...seen.keys()].filter((dueMs) => dueMs <= 10_000)).toHaveLength(Math.ceil((10_000 - 49) / 70));
  clock.advance(10_100);
  for (const [dueMs, atMs] of seen) expect(atMs).toBeGreaterThanOrEqual(dueMs);
  expect(wheel.size()).toBe(0);
});

test("The cost is bounded: each of 10 000 far owners is passed over once a round, and looked at once.", () => {
  const clock = createFakeClock();
  let looks = 0;
  const look = (): number => {
    looks += 1;
    return NEVER;
  };
  const wheel = createTimerWheel<number>({ clock, tickMs: TICK_MS, buckets: 512, look });
  for (let index = 0; index < 10_000; index += 1) wheel.add(index, 3_600_000 + index);
  clock.advance(3_599_000);
  expect(looks).toBe(0);
  clock.advance(12_000);
  expect(looks).toBe(10_000);
});

test("However long a wheel stood still or the process paused, catching up costs one round.", () => {
  const clock = createFakeClock(1e13);
  const seen: number[] = [];
  const look = (_: string, nowMs: number): number => {
    seen.push(nowMs);
    return NEVER;
  };
  const wheel = createTimerWheel<string>({ clock, tickMs: TICK_MS, buckets: 8, look });
  wheel.add("first", 1e13 + 250);
  clock.advance(1000);
  wheel.add("second", 1e13 + 5000);
  clock.jump(1e13);
  expect(seen).toEqual([1e13 + 300, 2e13 + 1000]);
});

test("A stopped wheel looks at nothing and holds no timer.", () => {
  const clock = createFakeClock();
  let looks = 0;
  const look = (): number => {
    looks += 1;
    return 0;
  };
  const wheel = createTimerWheel<string>({ clock, tickMs: TICK_MS, buckets: 8, look });
  wheel.add("a", 100);
  wheel.add("b", 90_000);
  wheel.stop();
  clock.advance(100_000);
  expect(looks).toBe(0);
  expect(wheel.size()).toBe(0);
  expect(clock.pending()).toBe(0);
});
