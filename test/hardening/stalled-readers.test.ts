import { expect, test } from "vitest";
import { play } from "./play.ts";
import { STALLED_READERS } from "./stalled-readers.ts";

test.each(["clients", "backends"] as const)(
  "200 peers that stop reading cost little, and nobody else notices: %s",
  async (stalled) => {
    expect(await play(STALLED_READERS[stalled], 12_000)).toEqual([]);
  },
);
