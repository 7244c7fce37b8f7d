import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- vitest's own is extended
  interface ProvidedContext {
    /** Where each test file writes a line about what it exposed. */
    exposures: string;
  }
}

/** As many test files as only a run of the whole suite has. */
const WHOLE_SUITE = 100;

/** Sums up what a run exposed. A run of the whole suite in which nothing was exposed, or nothing secret was sent, proves nothing and fails. */
export default function setUp(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-exposures-"));
  const path = join(folder, "lines.jsonl");
  project.provide("exposures", path);
  return () => {
    const lines = readLines(path);
    rmSync(folder, { recursive: true });
    const exposedBytes = lines.reduce((sum, line) => sum + line.exposedBytes, 0);
    const carried = lines.reduce((sum, line) => sum + line.carried, 0);
    if (lines.length < WHOLE_SUITE) return;
    console.log(`${carried} requests carried secrets; none is in ${exposedBytes} bytes of logs, pages and output.`);
    if (carried < 1_000 || exposedBytes < 1_000_000)
      throw new Error("too little was exposed for a search to prove anything");
  };
}

type Line = { readonly exposedBytes: number; readonly carried: number };

function readLines(path: string): readonly Line[] {
  try {
    const text = readFileSync(path, "utf8");
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
  } catch {
    return [];
  }
}
