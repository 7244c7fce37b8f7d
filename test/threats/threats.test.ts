import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../harness/start-cli.ts";
import { NUMBERS, type Proof, THREATS } from "./threats.ts";

const PROOFS = THREATS.flatMap(({ number, name, proofs }) =>
  proofs.map((proof) => [`threat ${number}: ${name}: ${proof.file}: ${proof.title}`, proof] as const),
);

/** Whether a test with exactly this title is called in its file, and neither skipped nor marked. */
function stands({ file, title }: Proof): boolean {
  const path = join(PROJECT_ROOT, file);
  if (!existsSync(path)) return false;
  const written = [...readFileSync(path, "utf8").matchAll(TITLE)].map(([, quoted = '""']) => JSON.parse(quoted));
  return written.includes(title);
}

/** A call of `test` or `it`, also behind the cases of `each`, up to its title. */
const TITLE =
  /(?:^[ \t]*(?:test|it)\(|(?:^[ \t]*(?:test|it)\.each[^;]{0,20000}?|^[ \t]*\]|^[ \t]*)\)\()\s*("(?:[^"\\\n]|\\.)*")/gm;

test.each(PROOFS)("%s", (_title, proof) => {
  expect(stands(proof)).toBe(true);
});

test("every threat to what there is today has a row, and no other", () => {
  expect(THREATS.map(({ number }) => number)).toEqual(NUMBERS);
});

test.each([
  ["of a title that nobody wrote", "test/threats/threats.test.ts", "nobody wrote this"],
  ["of a describe", "test/proxy/handshake/handle-upgrade.test.ts", "other upgrades"],
  ["of a file that is not there", "test/threats/nowhere.test.ts", "nobody wrote this"],
])("a proof %s does not stand", (_what, file, title) => {
  expect(stands({ file, title })).toBe(false);
});
