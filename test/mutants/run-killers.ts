import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Killer, Mutant } from "./mutant.ts";

/** The project's root. */
export const ROOT = join(import.meta.dirname, "../..");

/** What became of one test; tests that the titles leave out are not listed. */
export type TestResult = {
  readonly file: string;
  readonly title: string;
  readonly passed: boolean;
  /** Why it failed. */
  readonly messages: readonly string[];
};

type JsonReport = {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
};

const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");
const MUTANT_MS = 60_000;
/** All killers in one process. */
const SOUND_MS = 180_000;

/**
 * Runs the killers in a process of their own, with a mutant in their modules or without, and says what each of their
 * tests did. Rejects if the process does not come to a report in time.
 */
export async function runKillers(killers: readonly Killer[], mutant: Mutant | null): Promise<readonly TestResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-mutant-"));
  try {
    const report = join(folder, "report.json");
    const printed = await runVitest(
      [
        ...new Set(killers.map(({ file }) => file)),
        `--testNamePattern=${killers.map(({ title }) => RegExp.escape(title)).join("|")}`,
        `--outputFile=${report}`,
        // One failure decides; a run without a mutant shows all that is wrong.
        ...(mutant === null ? ["--maxWorkers=2"] : ["--bail=1"]),
      ],
      mutant?.name ?? "",
    );
    const text = await readFile(report, "utf8").catch(() => null);
    if (text === null) throw new Error(`no report; it printed:\n${printed}`);
    return readReport(JSON.parse(text) as JsonReport);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readReport({ testResults }: JsonReport): readonly TestResult[] {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "passed" || status === "failed")
      .map(({ fullName, status, failureMessages }) => ({
        file: relative(ROOT, name),
        title: fullName,
        passed: status === "passed",
        messages: failureMessages ?? [],
      })),
  );
}

/** Resolves to what it printed, whatever the exit code: the report tells more. Rejects when its time is over. */
function runVitest(args: readonly string[], mutant: string): Promise<string> {
  const limitMs = mutant === "" ? SOUND_MS : MUTANT_MS;
  const config = join(import.meta.dirname, "vitest.config.ts");
  const child = spawn(process.execPath, [VITEST, "run", `--config=${config}`, "--reporter=json", ...args], {
    cwd: ROOT,
    env: { ...inheritedEnvironment(), FAIRLEAD_MUTANT: mutant },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: a mutant that never ends its turn is not told to leave, and must be ended with its parent.
    detached: true,
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-4_000);
    });
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      reject(new Error(`no end within ${limitMs} ms; it printed:\n${printed}`));
    }, limitMs);
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(timer);
      resolve(printed);
    });
  });
}

/** Without what the outer run tells its own workers, so that the inner run is not taken for one of them, nor counted as coverage. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([key]) => !/^(?:VITEST|TINYPOOL|NODE_V8_COVERAGE$)/.test(key));
  return Object.fromEntries(own);
}
