import { expect, test } from "vitest";
import { type Queue, QueuePool } from "../../../src/proxy/relay/queue-pool.ts";

/** A queue that is forgotten, as a connection's is, when it was let go. */
function queueIn(pool: QueuePool, letGo: string[], name: string): Queue {
  const queue = {
    letGo: () => {
      letGo.push(name);
      pool.note(queue, 0);
    },
  };
  return queue;
}

test("Over the bound, those are let go that have been waited for longest, until it is kept, and after the present turn.", async () => {
  const letGo: string[] = [];
  const pool = new QueuePool(100);
  const [first, second, third] = ["first", "second", "third"].map((name) => queueIn(pool, letGo, name));
  if (first === undefined || second === undefined || third === undefined) throw new Error("unreachable");
  pool.note(first, 40);
  pool.note(second, 40);
  pool.note(first, 0);
  pool.note(third, 20);
  pool.note(first, 10);
  expect(pool.bytes).toBe(70);
  pool.note(first, 50);
  expect(letGo).toEqual([]);
  await Promise.resolve();
  expect(letGo).toEqual(["second"]);
  expect(pool.bytes).toBe(70);
  pool.note(third, 200);
  await Promise.resolve();
  expect(letGo).toEqual(["second", "third"]);
  expect(pool.bytes).toBe(50);
});

test("Up to the bound nobody is let go, and without one never.", async () => {
  const letGo: string[] = [];
  const bounded = new QueuePool(100);
  bounded.note(queueIn(bounded, letGo, "bounded"), 100);
  const unbounded = new QueuePool(Number.POSITIVE_INFINITY);
  unbounded.note(queueIn(unbounded, letGo, "unbounded"), 2 ** 50);
  await Promise.resolve();
  expect(letGo).toEqual([]);
});

test("What was let go counts again only with what it says afterwards.", async () => {
  const pool = new QueuePool(10);
  const queue = { letGo: () => {} };
  pool.note(queue, 20);
  await Promise.resolve();
  expect(pool.bytes).toBe(0);
  pool.note(queue, 5);
  expect(pool.bytes).toBe(5);
  pool.note(queue, 0);
  pool.note(queue, 0);
  expect(pool.bytes).toBe(0);
});

test("While half of the pool is full nobody may have anything wait, and again what one may afterwards.", () => {
  const pool = new QueuePool(100);
  const queue = { letGo: () => {} };
  pool.note(queue, 50);
  expect(pool.allowance(64)).toBe(64);
  pool.note(queue, 51);
  expect(pool.allowance(64)).toBe(0);
  pool.note(queue, 0);
  expect(pool.allowance(64)).toBe(64);
});
