import { describe, expect, it } from "vitest";
import { createLane } from "../../src/base/lane.ts";
import type { Work } from "../../src/base/work.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

/** A lane on a clock of which each look takes a millisecond; a slice begins a millisecond after the one before. */
function setUp(work: (events: string[]) => Work<void>) {
  const clock = createFakeClock();
  const events: string[] = [];
  let looks = 0;
  const lane = createLane(
    {
      ...clock,
      monotonicMs: () => clock.monotonicMs() + looks++,
      after: (ms, callback) => clock.after(Math.max(1, ms), callback),
    },
    () => work(events),
    (error) => events.push(String(error)),
  );
  return { clock, events, lane };
}

function* countTo(most: number, events: string[]): Work<void> {
  events.push("begins");
  for (let count = 0; count < most; count += 1) yield;
  events.push("ends");
}

describe("a lane", () => {
  it("does a small work at once", () => {
    const { clock, events, lane } = setUp((log) => countTo(2, log));
    lane.run();
    expect(events).toEqual(["begins", "ends"]);
    expect(clock.pending()).toBe(0);
  });

  it("gives way after a slice, and goes on where it was", () => {
    const { clock, events, lane } = setUp((log) => countTo(50, log));
    lane.run();
    expect(events).toEqual(["begins"]);
    let turns = 0;
    for (; events.length < 2 && turns < 100; turns += 1) clock.advance(1);
    expect(events).toEqual(["begins", "ends"]);
    expect(turns).toBeGreaterThan(5);
    expect(clock.pending()).toBe(0);
  });

  it("does once more what is asked for meanwhile, however often, and never two at a time", () => {
    const { clock, events, lane } = setUp((log) => countTo(50, log));
    lane.run();
    lane.run();
    lane.run();
    clock.advance(100);
    expect(events).toEqual(["begins", "ends", "begins", "ends"]);
    expect(clock.pending()).toBe(0);
  });

  it("does once more what its own work asks for", () => {
    let asked = 0;
    const { events, lane } = setUp(function* (log) {
      yield* countTo(1, log);
      asked += 1;
      if (asked === 1) lane.run();
    });
    lane.run();
    expect(events).toEqual(["begins", "ends", "begins", "ends"]);
  });

  it("tells what a work throws, and does the next", () => {
    let times = 0;
    const { events, lane } = setUp(function* (log) {
      times += 1;
      if (times === 1) throw new Error("broken");
      yield* countTo(1, log);
    });
    lane.run();
    lane.run();
    expect(events).toEqual(["Error: broken", "begins", "ends"]);
  });

  it("drops what is under way when it stops, and what was asked for", () => {
    const { clock, events, lane } = setUp((log) => countTo(50, log));
    lane.run();
    lane.run();
    lane.stop();
    clock.advance(100);
    expect(events).toEqual(["begins"]);
    expect(clock.pending()).toBe(0);
  });
});
