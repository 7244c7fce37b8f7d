import { expect, test } from "vitest";
import { EIGHT_ADDRESSES, FEW_DESCRIPTORS } from "./floods.ts";
import { play } from "./play.ts";

test("with 512 descriptors a flood costs nobody their connection, and passes", async () => {
  expect(await play(FEW_DESCRIPTORS, 15_000)).toEqual([]);
});

test("a flood from eight addresses leaves room for everybody else", async () => {
  expect(await play(EIGHT_ADDRESSES, 15_000)).toEqual([]);
});
