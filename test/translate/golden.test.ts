import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { translate } from "../../src/translate/translate.ts";
import { printTranslation } from "./golden/print-translation.ts";
import { readInput } from "./golden/read-input.ts";

const FOLDER = join(import.meta.dirname, "golden");
const MAX_LINES = 80;

// Set by `npm run golden` alone; CI never does.
const REWRITE = process.env["FAIRLEAD_REWRITE_GOLDENS"] === "1";

const inputs = globSync("*/*.in.yaml", { cwd: FOLDER }).toSorted();

describe("golden translations", () => {
  it("are at least sixty, and no output is left without its input", () => {
    expect(inputs.length).toBeGreaterThanOrEqual(60);
    const outputs = globSync("*/*.out.yaml", { cwd: FOLDER });
    const orphans = outputs.filter((output) => !inputs.map(outputOf).includes(output));
    expect(orphans).toEqual([]);
  });

  it.each(inputs)("%s", (input) => {
    const text = readFileSync(join(FOLDER, input), "utf8");
    const { point, view, options } = readInput(text);
    expect(point, "the first comment states the point in one sentence").toMatch(/^[A-Z].*\.$/u);
    const printed = `# ${point}\n${printTranslation(translate(view, options))}`;
    const output = join(FOLDER, outputOf(input));
    if (REWRITE) writeFileSync(output, printed);
    expect(printed).toBe(readFileSync(output, "utf8"));
    expect(Math.max(countLines(text), countLines(printed))).toBeLessThan(MAX_LINES);
    expect(printed).not.toContain("PRIVATE KEY");
  });
});

function outputOf(input: string): string {
  return input.replace(/\.in\.yaml$/u, ".out.yaml");
}

function countLines(text: string): number {
  return text.split("\n").length;
}
