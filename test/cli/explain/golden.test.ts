import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runInPlace, textInput } from "../../harness/run-in-place.ts";

const FOLDER = join(import.meta.dirname, "golden");
const PEM = join(import.meta.dirname, "../../translate/golden/pem");

// Set by `npm run golden` alone; CI never does.
const REWRITE = process.env["FAIRLEAD_REWRITE_GOLDENS"] === "1";

const inputs = globSync("*.in.yaml", { cwd: FOLDER }).toSorted();

describe("golden explanations", () => {
  test.each(inputs)(
    "%s",
    async (input) => {
      const text = readFileSync(join(FOLDER, input), "utf8");
      expect(text, "the first comment states the point in one sentence").toMatch(/^# [A-Z].*\.\n/u);
      const manifests = text.replaceAll(/"pem:([\w.]+)"/g, (_, name: string) => {
        return JSON.stringify(readFileSync(join(PEM, name), "utf8"));
      });
      const asked = [...text.matchAll(/^# explain: (.*)$/gm)].map(([, words = ""]) => words);
      const printed: string[] = [];
      for (const words of asked) {
        const { code, out, errors } = await runInPlace(["explain", ...words.split(" "), "--manifests", "-"], {
          input: () => textInput(manifests),
        });
        expect(errors).toBe("");
        printed.push(`$ fairlead explain ${words.replaceAll("s3cret", "...")}\n\n${out}\nexit code ${code}\n`);
      }
      const all = printed.join("\n");
      const output = join(FOLDER, input.replace(/\.in\.yaml$/u, ".out.txt"));
      if (REWRITE) writeFileSync(output, all);
      expect(all).toBe(readFileSync(output, "utf8"));
      for (const secret of ["PRIVATE KEY", "s3cret"]) expect(all).not.toContain(secret);
      // Each of some command lines builds every validator anew.
    },
    60_000,
  );

  test("leave no output without its input", () => {
    const expected = inputs.map((input) => input.replace(/\.in\.yaml$/u, ".out.txt"));
    expect(globSync("*.out.txt", { cwd: FOLDER }).toSorted()).toEqual(expected);
  });
});
