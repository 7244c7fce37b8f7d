import { expect, inject, test } from "vitest";
import { keepFound } from "./found.ts";
import { hunt } from "./hunt.ts";
import { TARGETS } from "./targets.ts";

const { seconds, seed, names } = inject("fuzz");
const chosen = TARGETS.filter(({ name }) => names.length === 0 || names.includes(name));

test.each(chosen.map((target) => ({ name: target.name, target })))(
  "$name shows no defect",
  async ({ target }) => {
    const { tried, pool, blocks, found } = await hunt(target, { seconds: seconds / chosen.length, seed });
    console.log(`${target.name}: ${tried} inputs, ${pool} of them reached new code, ${blocks} blocks in all`);
    const files = (found?.inputs ?? []).map((input) => keepFound(target.name, input));
    expect(tried).toBeGreaterThan(target.seeds().length);
    expect(found?.error, `kept as ${files.join(", ")}`).toBeUndefined();
  },
  // Shrinking begins when the time is over at the latest.
  seconds * 1_000 + 600_000,
);
