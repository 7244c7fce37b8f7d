import { beforeAll, describe, expect, it } from "vitest";
import type { Killer, Mutant } from "./mutant.ts";
import { DECOYS, MUTANTS } from "./mutants.ts";
import { runKillers, type TestResult } from "./run-killers.ts";

const PARALLEL = 2;
const WAIT_MS = 480_000;

/** A module that does not load, or code that does not know its own names, is no proof that a test looks. */
const BROKEN_CODE = /SyntaxError|ReferenceError|Failed to (?:load|resolve)|Transform failed/;

type Outcome = { readonly results: readonly TestResult[] } | { readonly error: unknown };

/** Starts all of them, PARALLEL at a time in their order, and gives each one's outcome. */
function runAll(work: readonly (() => Promise<readonly TestResult[]>)[]): readonly Promise<Outcome>[] {
  const outcomes = work.map(() => Promise.withResolvers<Outcome>());
  let next = 0;
  const take = async (): Promise<void> => {
    while (next < work.length) {
      const at = next;
      next += 1;
      const run = work[at] as () => Promise<readonly TestResult[]>;
      outcomes[at]?.resolve(
        await run().then(
          (results) => ({ results }),
          (error: unknown) => ({ error }),
        ),
      );
    }
  };
  for (let worker = 0; worker < PARALLEL; worker += 1) take().catch(() => {});
  return outcomes.map(({ promise }) => promise);
}

function resultsOf(outcome: Outcome | undefined): readonly TestResult[] {
  if (outcome === undefined) throw new Error("nothing was run");
  if ("error" in outcome) throw outcome.error;
  return outcome.results;
}

function isBy(killer: Killer, { file, title }: TestResult): boolean {
  return file === killer.file && title.includes(killer.title);
}

function isKill(killer: Killer, result: TestResult): boolean {
  return isBy(killer, result) && !result.passed && !result.messages.some((message) => BROKEN_CODE.test(message));
}

describe("the killers", () => {
  const all = [...MUTANTS, ...DECOYS];
  let sound: readonly TestResult[] = [];
  const outcomes = new Map<Mutant, Promise<Outcome>>();

  beforeAll(async () => {
    sound = await runKillers(
      MUTANTS.map(({ killedBy }) => killedBy),
      null,
    );
    const runs = runAll(all.map((mutant) => () => runKillers([mutant.killedBy], mutant)));
    for (const [at, outcome] of runs.entries()) outcomes.set(all[at] as Mutant, outcome);
  }, WAIT_MS);

  it.each(MUTANTS)("pass without $name", ({ killedBy }) => {
    const own = sound.filter((result) => isBy(killedBy, result));
    expect(own.filter(({ passed }) => !passed)).toEqual([]);
    expect(own.length, "the killer's title names no test").toBeGreaterThan(0);
  });

  it.each(MUTANTS)(
    "notice $name",
    async (mutant) => {
      const results = resultsOf(await outcomes.get(mutant));
      const kills = results.filter((result) => isKill(mutant.killedBy, result));
      expect(kills.length, `${mutant.harm} No test noticed: ${JSON.stringify(results)}`).toBeGreaterThan(0);
    },
    WAIT_MS,
  );

  it.each(DECOYS)(
    "do not count $name",
    async (decoy) => {
      const results = resultsOf(await outcomes.get(decoy));
      expect(results.filter((result) => isKill(decoy.killedBy, result))).toEqual([]);
      // Code that does not load has no results; all other did run.
      expect(results.length > 0).toBe(decoy.name !== "break-the-syntax");
    },
    WAIT_MS,
  );
});
