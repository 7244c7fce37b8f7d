import { expect, test } from "vitest";
import { SMALL_GROUP, SMALL_HEAP } from "./memory.ts";
import { play } from "./play.ts";

test("a heap that fills refuses, and is never the end of the process", async () => {
  expect(await play(SMALL_HEAP, 10_000)).toEqual([]);
});

test("a cgroup that fills sheds those who fill it, and the kernel kills nobody", async () => {
  expect(await play(SMALL_GROUP, 15_000)).toEqual([]);
});
