import { describe, expect, it } from "vitest";
import { createBudget, watchQuiet } from "../../../src/proxy/http/deadlines.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

describe("a budget", () => {
  it("is spent only while it runs, and expires once", () => {
    const clock = createFakeClock();
    let expired = 0;
    const budget = createBudget(clock, 100, () => {
      expired += 1;
    });
    clock.advance(1_000);
    budget.run();
    budget.run();
    clock.advance(60);
    budget.pause();
    clock.advance(1_000);
    budget.run();
    clock.advance(39);
    expect(expired).toBe(0);
    clock.advance(1);
    expect(expired).toBe(1);
    budget.run();
    clock.advance(1_000);
    expect(expired).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  it("never expires once it was ended", () => {
    const clock = createFakeClock();
    const budget = createBudget(clock, 100, () => {
      throw new Error("expired");
    });
    budget.run();
    budget.end();
    budget.run();
    clock.advance(1_000);
    expect(clock.pending()).toBe(0);
  });
});

describe("watching for quiet", () => {
  it("begins anew at each touch, and goes on after it has called", () => {
    const clock = createFakeClock();
    const calls: number[] = [];
    const watch = watchQuiet(clock, 100, () => calls.push(clock.monotonicMs()));
    clock.advance(80);
    watch.touch();
    clock.advance(99);
    expect(calls).toEqual([]);
    clock.advance(1);
    expect(calls).toEqual([180]);
    clock.advance(100);
    expect(calls).toEqual([180, 280]);
    watch.stop();
    clock.advance(1_000);
    expect(calls).toHaveLength(2);
    expect(clock.pending()).toBe(0);
  });

  it("sets one timer, however often it is touched, and none for zero", () => {
    const clock = createFakeClock();
    const watch = watchQuiet(clock, 100, () => {});
    for (let count = 0; count < 1_000; count += 1) watch.touch();
    expect(clock.pending()).toBe(1);
    watch.stop();
    watchQuiet(clock, 0, () => {}).touch();
    expect(clock.pending()).toBe(0);
  });
});
