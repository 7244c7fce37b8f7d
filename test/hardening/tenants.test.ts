import { expect, test } from "vitest";
import { play } from "./play.ts";
import { TENANTS } from "./tenants.ts";

test("a route that is flooded takes nothing from another", async () => {
  expect(await play(TENANTS, 10_000)).toEqual([]);
});
