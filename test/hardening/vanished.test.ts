import { expect, test } from "vitest";
import { play } from "./play.ts";
import { VANISHED } from "./vanished.ts";

test("peers that vanish without a word are found in time", async () => {
  expect(await play(VANISHED, 60_000)).toEqual([]);
});
