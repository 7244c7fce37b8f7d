import * as fc from "fast-check";
import { measureCoverage } from "./coverage.ts";
import { cook, type Recipe, recipes } from "./mutate.ts";
import type { Target, Trial } from "./target.ts";

/** How long to hunt, and with which chance. */
export type HuntOptions = { readonly seconds: number; readonly seed: number };

/** What a hunt came to. `found` is the smallest input that shows a defect, and why it does. */
export type HuntResult = {
  readonly tried: number;
  readonly pool: number;
  readonly blocks: number;
  readonly found: { readonly inputs: readonly Uint8Array[]; readonly error: unknown } | null;
};

/** Measuring takes longer than most inputs do: it is done once for so many. */
const BATCH = 16;
/** The pool of a round is fixed, so that a failing recipe shrinks; what it found to be new is mutated from the next one on. */
const RUNS_PER_ROUND = 32;
const MAX_POOL = 4_000;

/** Mutates inputs until one shows a defect or the time is over. Inputs that reach new code are mutated further. */
export async function hunt(target: Target, { seconds, seed }: HuntOptions): Promise<HuntResult> {
  const trials = await Promise.all(Array.from({ length: target.lanes }, () => target.open()));
  const coverage = measureCoverage();
  const pool = [...target.seeds()];
  let tried = 0;
  const judge = async (inputs: readonly Uint8Array[]): Promise<void> => {
    tried += inputs.length;
    for (let at = 0; at < inputs.length; at += trials.length)
      await judgeAtOnce(trials, inputs.slice(at, at + trials.length));
  };
  const result = (found: HuntResult["found"]): HuntResult => {
    return { tried, pool: pool.length, blocks: coverage.blocks(), found };
  };
  try {
    const seeded = await trySeeds(pool, judge);
    if (seeded !== null) return result(seeded);
    // A slow machine tries less, but never the seeds alone.
    const deadline = performance.now() + seconds * 1_000;
    for (let round = 0; performance.now() < deadline; round += 1) {
      const fresh: Uint8Array[] = [];
      const details = await fc.check(
        fc.asyncProperty(batches(pool.length, target), async (batch) => {
          const inputs = batch.map((recipe) => cook(recipe, pool, target.maxBytes));
          await judge(inputs);
          if (coverage.grew()) fresh.push(...inputs);
        }),
        { numRuns: RUNS_PER_ROUND, seed: seed + round, interruptAfterTimeLimit: deadline - performance.now() },
      );
      if (details.failed && details.counterexample !== null) {
        const inputs = details.counterexample[0].map((recipe) => cook(recipe, pool, target.maxBytes));
        return result((await findGuilty(trials, inputs)) ?? { inputs, error: details.errorInstance });
      }
      pool.push(...fresh.slice(0, MAX_POOL - pool.length));
    }
    return result(null);
  } finally {
    coverage.stop();
    await Promise.all(trials.map((trial) => trial.close()));
  }
}

function batches(poolSize: number, { dictionary }: Target): fc.Arbitrary<readonly Recipe[]> {
  return fc.array(recipes(poolSize, dictionary), { minLength: 1, maxLength: BATCH, size: "max" });
}

async function judgeAtOnce(trials: readonly Trial[], inputs: readonly Uint8Array[]): Promise<void> {
  await Promise.all(inputs.map((input, lane) => trials[lane]?.judge(input) ?? Promise.resolve()));
}

/** The one input among several that shows a defect by itself; null if only all of them together do. */
async function findGuilty(trials: readonly Trial[], inputs: readonly Uint8Array[]): Promise<HuntResult["found"]> {
  for (const input of inputs) {
    try {
      await judgeAtOnce(trials, [input]);
    } catch (error) {
      return { inputs: [input], error };
    }
  }
  return null;
}

async function trySeeds(
  seeds: readonly Uint8Array[],
  judge: (inputs: readonly Uint8Array[]) => Promise<void>,
): Promise<HuntResult["found"]> {
  for (const seed of seeds) {
    try {
      await judge([seed]);
    } catch (error) {
      return { inputs: [seed], error };
    }
  }
  return null;
}
