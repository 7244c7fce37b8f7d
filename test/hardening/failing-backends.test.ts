import { expect, test } from "vitest";
import { FAILING_BACKENDS } from "./failing-backends.ts";
import { play } from "./play.ts";

test("each failure of a backend is an answer in time, and leaves nothing behind", async () => {
  expect(await play(FAILING_BACKENDS, 5_000)).toEqual([]);
});
