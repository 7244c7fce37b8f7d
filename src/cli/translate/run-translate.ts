import { describeTables } from "../../table/describe-tables.ts";
import type { Invocation } from "../command.ts";
import { mistakesOf, UsageError } from "../complain.ts";
import type { ExitCode } from "../exit-codes.ts";
import { findProblems } from "../lint/find.ts";
import { printHead } from "../lint/print-findings.ts";
import { loadManifests } from "../load-manifests.ts";
import { type Printable, printResult } from "../output.ts";
import type { Surroundings } from "../surroundings.ts";

/** `fairlead translate PATH...`: what the data plane would be told. Resolves to the exit code. */
export async function runTranslate(
  { operands, flags, format }: Invocation,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const loaded = await loadManifests(operands, flags, surroundings);
  if (!loaded.ok) throw new UsageError(mistakesOf("InvalidArgument", loaded.errors));
  const { manifests } = loaded;
  const problems = await findProblems(manifests, false);
  surroundings.writeError(problems.map((problem) => `${printHead(problem, false)}\n`).join(""));
  // Everything in a description is plain data; what a policy's config is, its own type does not say.
  const tables = describeTables(manifests.translation.tables) as unknown as Printable;
  surroundings.write(printResult(format, tables, () => ""));
  return problems.some(({ severity }) => severity === "error") ? 1 : 0;
}
