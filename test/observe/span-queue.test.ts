import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createSpanQueue, SPAN_LIMITS, type SpanQueue } from "../../src/observe/span-queue.ts";
import { createFakeClock, type FakeClock } from "../harness/fake-clock.ts";
import { collectLines, type Line } from "./collect-lines.ts";

/** A collector that takes what it is sent when it is told to. */
type Stage = {
  readonly queue: SpanQueue<number>;
  readonly clock: FakeClock;
  readonly lines: readonly Line[];
  readonly batches: readonly (readonly number[])[];
  /** Decides about the oldest batch that waits for it. */
  readonly answer: (error?: Error) => Promise<void>;
};

function setUp(): Stage {
  const clock = createFakeClock();
  const { log, lines } = collectLines();
  const batches: (readonly number[])[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  const send = (spans: readonly number[]): Promise<void> => {
    const answered = Promise.withResolvers<void>();
    batches.push(spans);
    waiting.push(answered);
    return answered.promise;
  };
  const answer = async (error?: Error): Promise<void> => {
    const next = waiting.shift();
    if (next === undefined) throw new Error("nothing was sent");
    if (error === undefined) next.resolve();
    else next.reject(error);
    await turn();
  };
  return { queue: createSpanQueue(send, log, clock), clock, lines, batches, answer };
}

function add({ queue }: Stage, count: number): void {
  for (let index = 0; index < count; index += 1) queue.add(index);
}

describe("spans on their way to a collector", () => {
  it("are sent together after a while, or as soon as a batch is full", async () => {
    const stage = setUp();
    add(stage, 3);
    stage.clock.advance(SPAN_LIMITS.delayMs - 1);
    expect(stage.batches).toEqual([]);
    stage.clock.advance(1);
    expect(stage.batches).toEqual([[0, 1, 2]]);
    await stage.answer();
    add(stage, SPAN_LIMITS.batch);
    expect(stage.batches.map(({ length }) => length)).toEqual([3, SPAN_LIMITS.batch]);
    await stage.answer();
    expect(stage.queue.figures()).toEqual({ exported: 3 + SPAN_LIMITS.batch, failed: 0, dropped: 0 });
    expect([stage.lines, stage.clock.pending()]).toEqual([[], 0]);
  });

  it("wait for one another: one batch is under way at a time, and what is too much is dropped and counted", async () => {
    const stage = setUp();
    add(stage, 10_000);
    expect(stage.batches).toHaveLength(1);
    expect(stage.queue.figures().dropped).toBe(10_000 - SPAN_LIMITS.batch - SPAN_LIMITS.queued);
    for (let batch = 0; batch < 5; batch += 1) await stage.answer();
    expect(stage.batches.map(({ length }) => length)).toEqual(Array(5).fill(SPAN_LIMITS.batch));
    expect(stage.queue.figures().exported).toBe(SPAN_LIMITS.batch + SPAN_LIMITS.queued);
  });

  it("that cannot be exported are counted, and told once a minute; that it works again is told too", async () => {
    const stage = setUp();
    const fail = async (): Promise<void> => {
      add(stage, 1);
      stage.clock.advance(SPAN_LIMITS.delayMs);
      await stage.answer(new Error("connect ECONNREFUSED"));
    };
    await fail();
    expect(stage.lines).toMatchObject([{ level: "warn", fields: { spans: 1, reason: "connect ECONNREFUSED" } }]);
    stage.clock.advance(50_000);
    for (let count = 0; count < 9; count += 1) await fail();
    expect(stage.lines).toHaveLength(1);
    await fail();
    expect(stage.lines).toMatchObject([{}, { level: "warn", fields: { spans: 10 } }]);
    await fail();
    add(stage, 1);
    stage.clock.advance(SPAN_LIMITS.delayMs);
    await stage.answer();
    expect(stage.lines.slice(2)).toMatchObject([{ level: "info", fields: { spans: 1 } }]);
    expect(stage.queue.figures()).toEqual({ exported: 1, failed: 12, dropped: 0 });
  });

  it("are sent before the end, and what comes behind it is dropped", async () => {
    const stage = setUp();
    add(stage, 3);
    const closed = stage.queue.close();
    add(stage, 2);
    expect(stage.batches).toEqual([[0, 1, 2]]);
    await stage.answer();
    await closed;
    expect(stage.queue.figures()).toEqual({ exported: 3, failed: 0, dropped: 2 });
    expect(stage.clock.pending()).toBe(0);
  });

  it("keep no process: a collector that does not answer is waited for a second", async () => {
    const stage = setUp();
    add(stage, SPAN_LIMITS.batch + 7);
    const closed = stage.queue.close();
    stage.clock.advance(1_000);
    await closed;
    expect(stage.queue.figures()).toEqual({ exported: 0, failed: 0, dropped: 7 });
    expect(stage.clock.pending()).toBe(0);
  });

  it("that never were need no end", async () => {
    const stage = setUp();
    await stage.queue.close();
    expect([stage.batches, stage.clock.pending()]).toEqual([[], 0]);
  });
});
