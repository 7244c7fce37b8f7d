import { expect, test } from "vitest";
import { AMPLIFICATION } from "./amplification.ts";
import { play } from "./play.ts";

test("no bytes cost ten times what decent bytes do", async () => {
  expect(await play(AMPLIFICATION, 24_000)).toEqual([]);
});
