import { expect, it } from "vitest";
import { watchEventLoop } from "../../src/observe/event-loop-watch.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

it("tells ten times a second how late it is, and nothing once it is stopped", () => {
  const clock = createFakeClock();
  const late: number[] = [];
  const watch = watchEventLoop(clock, (ms) => void late.push(ms));
  clock.advance(1_000);
  expect(late).toEqual(Array.from({ length: 10 }, () => 0));
  late.length = 0;
  // The loop stood still: what was due after 100 ms comes after 350.
  clock.jump(350);
  clock.advance(100);
  expect(late).toEqual([250, 0]);
  watch.stop();
  clock.advance(1_000);
  expect(late).toHaveLength(2);
  expect(clock.pending()).toBe(0);
});
