import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CODES } from "../../../src/cli/lint/codes.ts";
import { runInPlace, textInput } from "../../harness/run-in-place.ts";

const FOLDER = join(import.meta.dirname, "golden");
const PEM = join(import.meta.dirname, "../../translate/golden/pem");

// Set by `npm run golden` alone; CI never does.
const REWRITE = process.env["FAIRLEAD_REWRITE_GOLDENS"] === "1";

/** Found where no golden can be: in files that cannot be read, in a later version, or at a time. */
const ELSEWHERE = ["Unreadable", "Stale", "CertificateExpired"];

const inputs = globSync("*.in.yaml", { cwd: FOLDER }).toSorted();

describe("golden lint", () => {
  test.each(inputs)("%s", async (input) => {
    const text = readFileSync(join(FOLDER, input), "utf8");
    expect(text, "the first comment states the point in one sentence").toMatch(/^# [A-Z].*\.\n/u);
    const [, flags] = /^# flags: (.*)$/m.exec(text) ?? [];
    const manifests = text.replaceAll(/"pem:([\w.]+)"/g, (_, name: string) => {
      return JSON.stringify(readFileSync(join(PEM, name), "utf8"));
    });
    const words = ["lint", ...(flags?.split(" ") ?? []), "-"];
    const { code, out, errors } = await runInPlace(words, { input: () => textInput(manifests) });
    expect(errors).toBe("");
    const printed = `${out}exit code ${code}\n`;
    const output = join(FOLDER, input.replace(/\.in\.yaml$/u, ".out.txt"));
    if (REWRITE) writeFileSync(output, printed);
    expect(printed).toBe(readFileSync(output, "utf8"));
    for (const secret of ["PRIVATE KEY", "s3cret"]) expect(printed).not.toContain(secret);
  });

  test("show every code that there is", () => {
    const all = globSync("*.out.txt", { cwd: FOLDER }).map((name) => readFileSync(join(FOLDER, name), "utf8"));
    const shown = new Set(all.join("").match(/(?<=: (?:error|warning|info) )\w+/g));
    expect(
      Object.keys(CODES)
        .filter((code) => !shown.has(code))
        .toSorted(),
    ).toEqual(ELSEWHERE.toSorted());
  });

  test("leave no output without its input", () => {
    const expected = inputs.map((input) => input.replace(/\.in\.yaml$/u, ".out.txt"));
    expect(globSync("*.out.txt", { cwd: FOLDER }).toSorted()).toEqual(expected);
  });
});
