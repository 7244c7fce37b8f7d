import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "found");

/** An input that once showed a defect, kept for ever. */
export type Found = { readonly target: string; readonly file: string; readonly input: Uint8Array };

/** All of them; test/fuzz/found.test.ts tries each again. */
export function readFound(): readonly Found[] {
  return globSync("*/*.bin", { cwd: FOLDER })
    .toSorted()
    .map((file) => ({
      target: file.split("/")[0] ?? "",
      file,
      input: new Uint8Array(readFileSync(join(FOLDER, file))),
    }));
}

/** Keeps an input, and says in which file. */
export function keepFound(target: string, input: Uint8Array): string {
  const folder = join(FOLDER, target);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${createHash("sha256").update(input).digest("hex").slice(0, 12)}.bin`);
  writeFileSync(file, input);
  return file;
}
