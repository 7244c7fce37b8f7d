import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type EndpointQueue,
  endpointName,
  followPool,
  startQueue,
  takeEndpoint,
} from "../../src/balance/endpoint-queue.ts";
import type { Endpoint } from "../../src/table/endpoint-table.ts";
import { readyEndpoint } from "../harness/build-table.ts";

const pool = (...ports: readonly number[]): readonly Endpoint[] => ports.map((port) => readyEndpoint(port));
const NONE: ReadonlySet<string> = new Set();
const tried = (...ports: readonly number[]) => new Set(ports.map((port) => `127.0.0.1:${port}`));

function take(queue: EndpointQueue, times: number, not = NONE): { ports: (number | null)[]; queue: EndpointQueue } {
  const ports: (number | null)[] = [];
  let current = queue;
  for (let turn = 0; turn < times; turn += 1) {
    const taken = takeEndpoint(current, not);
    ports.push(taken.endpoint?.port ?? null);
    current = taken.queue;
  }
  return { ports, queue: current };
}

describe("turns", () => {
  test("go round in order", () => {
    expect(take(startQueue(pool(1, 2, 3), 0), 7).ports).toEqual([1, 2, 3, 1, 2, 3, 1]);
  });

  test("begin where the caller says", () => {
    expect(take(startQueue(pool(1, 2, 3), 0.99), 3).ports).toEqual([3, 1, 2]);
  });

  test("of an empty pool give nothing", () => {
    expect(take(startQueue([], 0.5), 2).ports).toEqual([null, null]);
  });

  test("pass over those already tried, who stay next for others", () => {
    const first = take(startQueue(pool(1, 2, 3), 0), 1, tried(1));
    expect(first.ports).toEqual([2]);
    expect(take(first.queue, 3).ports).toEqual([1, 3, 2]);
  });

  test("give nothing when all were tried", () => {
    expect(take(startQueue(pool(1, 2), 0), 1, tried(1, 2)).ports).toEqual([null]);
  });

  test("count one address once, however often it is listed", () => {
    expect(take(startQueue(pool(1, 1, 2), 0), 4).ports).toEqual([1, 2, 1, 2]);
  });
});

describe("who is usable", () => {
  const terminating = (port: number): Endpoint => ({ ...readyEndpoint(port), ready: false, terminating: true });
  const notServing = (port: number): Endpoint => ({ ...terminating(port), serving: false });

  test("ready endpoints only, while there are any", () => {
    expect(take(startQueue([terminating(1), readyEndpoint(2), notServing(3)], 0), 2).ports).toEqual([2, 2]);
  });

  test("those that terminate and still serve, when none is ready", () => {
    expect(take(startQueue([terminating(1), notServing(2)], 0), 2).ports).toEqual([1, 1]);
  });
});

describe("a changed pool", () => {
  test("leaves those who stay at their places, and puts new ones last", () => {
    const { queue } = take(startQueue(pool(1, 2, 3), 0), 2);
    expect(take(followPool(queue, pool(4, 1, 2, 3)), 5).ports).toEqual([3, 1, 2, 4, 3]);
  });

  test("is never answered with an endpoint that it no longer has", () => {
    const { queue } = take(startQueue(pool(1, 2, 3), 0), 1);
    expect(take(followPool(queue, pool(1, 3)), 3).ports).toEqual([3, 1, 3]);
  });

  test("gives the endpoint as it is now", () => {
    const changed = { ...readyEndpoint(1), zones: ["z"] };
    expect(takeEndpoint(followPool(startQueue(pool(1), 0), [changed]), NONE).endpoint).toBe(changed);
  });

  test("costs nothing when it is the same", () => {
    const queue = startQueue(pool(1), 0);
    expect(followPool(queue, queue.pool)).toBe(queue);
  });

  test("is fair under churn: between two turns of one endpoint, every other that stayed had exactly one", () => {
    const pools = fc.array(fc.subarray([1, 2, 3, 4, 5, 6]), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(pools, (history) => {
        let queue = startQueue(pool(), 0);
        const turns: Turn[] = [];
        for (const ports of history) {
          const taken = takeEndpoint(followPool(queue, pool(...ports)), NONE);
          queue = taken.queue;
          turns.push({ port: taken.endpoint?.port ?? null, present: ports });
        }
        for (const lap of lapsOf(turns)) {
          const stayed = [1, 2, 3, 4, 5, 6].filter((port) => lap.every(({ present }) => present.includes(port)));
          for (const port of stayed.filter((each) => each !== lap[0]?.port)) {
            expect(lap.filter((turn) => turn.port === port)).toHaveLength(1);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

test("an endpoint's name has its IPv6 address in brackets", () => {
  expect(endpointName(readyEndpoint(80, "2001:db8::1"))).toBe("[2001:db8::1]:80");
  expect(endpointName(readyEndpoint(80))).toBe("127.0.0.1:80");
});

type Turn = { readonly port: number | null; readonly present: readonly number[] };

// From each endpoint's turn to its next, if it was there all the while.
function lapsOf(turns: readonly Turn[]): readonly (readonly Turn[])[] {
  return turns.flatMap(({ port }, start) => {
    const next = turns.findIndex((turn, at) => at > start && turn.port === port);
    const lap = turns.slice(start, next + 1);
    return port !== null && next !== -1 && lap.every(({ present }) => present.includes(port)) ? [lap] : [];
  });
}
