import { expect, test } from "vitest";
import { goalLines } from "./goals.ts";

test("what was measured stands beside its goal, in the goals' order, and nothing else does", () => {
  expect(goalLines({ refusingAlive: 99, stalledGrowth: 25, stalledOthers: 1.54 })).toEqual([
    "R14 growth by 200 stalled peers: goal at most 25 MiB, measured 25 MiB",
    "R14 p99 of others' echoes: goal at most 1.5 times the quiet phase, measured 1.54 times the quiet phase, missed",
    "R21 open WebSockets that stay: goal at least 100 %, measured 99 %, missed",
  ]);
  expect(goalLines({})).toEqual([]);
});

test("a ratio to a quiet phase that was not quiet is not told as a success", () => {
  expect(goalLines({ otherTenant: 0.5 })).toEqual([expect.stringMatching(/disturbed$/)]);
  expect(goalLines({ otherTenant: 0.9 })).toEqual([expect.stringMatching(/measured 0.9 times the quiet phase$/)]);
});
