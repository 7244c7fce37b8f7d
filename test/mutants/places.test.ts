import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { countOccurrences } from "./mutant.ts";
import { DECOYS, MUTANTS } from "./mutants.ts";
import { ROOT } from "./run-killers.ts";

// Quick, and broken by every change of the code that a mutant changes: `npm run check` runs it.
describe("the mutants", () => {
  it("are at least sixteen, each with a name of its own and a sentence on what users would suffer", () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(16);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    for (const { harm } of MUTANTS) expect(harm).toMatch(/^[A-Z].{20,}\.$/);
  });

  it.each([...MUTANTS, ...DECOYS])("$name has exactly one place in its module", (mutant) => {
    expect(countOccurrences(mutant, readFileSync(join(ROOT, mutant.file), "utf8"))).toBe(1);
    expect(mutant.replace).not.toBe(mutant.find);
  });
});
