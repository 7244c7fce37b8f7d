import { expect, test } from "vitest";
import { play } from "./play.ts";
import { SLOWLORIS } from "./slowloris.ts";

test("slow handshakes end at their deadline, and good ones are served meanwhile", async () => {
  expect(await play(SLOWLORIS, 20_000)).toEqual([]);
});
