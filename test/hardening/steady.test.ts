import { expect, test } from "vitest";
import { play } from "./play.ts";
import { STEADY } from "./steady.ts";

test("handshakes come and go beside WebSockets that stay, and nothing adds up", async () => {
  expect(await play(STEADY, 20_000)).toEqual([]);
});
