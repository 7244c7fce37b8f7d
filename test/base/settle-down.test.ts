import { expect, test } from "vitest";
import { settleDown } from "../../src/base/settle-down.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

function start() {
  const clock = createFakeClock();
  const calls: number[] = [];
  const startMs = clock.monotonicMs();
  const settling = settleDown(clock, { quietMs: 100, ceilingMs: 350 }, () => calls.push(clock.monotonicMs() - startMs));
  return { clock, calls, settling };
}

test("a burst is one call, when it has been quiet for a while", () => {
  const { clock, calls, settling } = start();
  settling.touch();
  clock.advance(60);
  settling.touch();
  clock.advance(99);
  expect(calls).toEqual([]);
  clock.advance(1);
  expect(calls).toEqual([160]);
  clock.advance(1_000);
  expect(calls).toEqual([160]);
});

test("events that never stop are answered at the ceiling, each time", () => {
  const { clock, calls, settling } = start();
  for (let ms = 0; ms < 800; ms += 50) {
    settling.touch();
    clock.advance(50);
  }
  expect(calls).toEqual([350, 700]);
});

test("after stop nothing is called", () => {
  const { clock, calls, settling } = start();
  settling.touch();
  settling.stop();
  clock.advance(1_000);
  expect(calls).toEqual([]);
  expect(clock.pending()).toBe(0);
});
