import { describe, expect, onTestFinished, test } from "vitest";
import { readFound } from "./found.ts";
import type { Trial } from "./target.ts";
import { TARGETS } from "./targets.ts";

async function open(name: string): Promise<Trial> {
  const target = TARGETS.find((one) => one.name === name);
  if (target === undefined) throw new Error(`test/fuzz/found/${name} belongs to no target`);
  const trial = await target.open();
  onTestFinished(trial.close);
  return trial;
}

test.each(readFound())(
  "what the fuzzer found once shows no defect any more: $file",
  async ({ target, input }) => {
    const trial = await open(target);
    await expect(trial.judge(input)).resolves.toBeUndefined();
  },
  60_000,
);

describe("what the fuzzer begins with", () => {
  test.each(TARGETS.map(({ name, seeds }) => ({ name, seeds: seeds() })))(
    "$name shows no defect",
    async ({ name, seeds }) => {
      expect(seeds.length).toBeGreaterThan(2);
      const trial = await open(name);
      for (const seed of seeds) await expect(trial.judge(seed)).resolves.toBeUndefined();
    },
    120_000,
  );
});
