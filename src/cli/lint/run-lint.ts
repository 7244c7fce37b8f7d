import { systemClock } from "../../base/system-clock.ts";
import { type ParsedValue, parseInteger } from "../../config/parse-values.ts";
import type { Invocation } from "../command.ts";
import { mistakesOf, UsageError } from "../complain.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type LoadedManifests, loadManifests } from "../load-manifests.ts";
import { printResult } from "../output.ts";
import type { Surroundings } from "../surroundings.ts";
import { arrange, findHints, findProblems } from "./find.ts";
import type { Finding } from "./finding.ts";
import type { Severity } from "./hints.ts";
import { printCounts, printFindings, type ReadLine } from "./print-findings.ts";
import { printGithub } from "./print-github.ts";

/** `fairlead lint PATH...`: everything that is wrong or doubtful in manifests. Resolves to the exit code. */
export async function runLint(invocation: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const { operands, flags } = invocation;
  const limit = readLimit(flags["maxWarnings"]);
  const loaded = await loadManifests(operands, flags, surroundings);
  if (!loaded.ok || !limit.ok) {
    const limits = limit.ok ? [] : [`--max-warnings: expected ${limit.expected}`];
    throw new UsageError(mistakesOf("InvalidArgument", [...(loaded.ok ? [] : loaded.errors), ...limits]));
  }
  const { manifests } = loaded;
  const problems = await findProblems(manifests, flags["partial"] === true);
  const findings = arrange([...problems, ...(await findHints(manifests, systemClock.wallMs()))]);
  surroundings.write(print(findings, manifests, invocation, surroundings.colour));
  return countOf(findings, "error") > 0 || countOf(findings, "warning") > limit.value ? 1 : 0;
}

function readLimit(text: Invocation["flags"][string]): ParsedValue<number> {
  if (text === undefined) return { ok: true, value: Number.POSITIVE_INFINITY };
  return parseInteger(String(text), 0, 1_000_000);
}

function print(
  findings: readonly Finding[],
  { reading }: LoadedManifests,
  { format }: Invocation,
  colour: boolean,
): string {
  if (format === "github") return printGithub(findings);
  const files = reading.manifests.length;
  const counts = {
    files,
    errors: countOf(findings, "error"),
    warnings: countOf(findings, "warning"),
    infos: countOf(findings, "info"),
  };
  return printResult(format, { counts, findings }, () => {
    const text = printFindings(findings, lineReader(reading), colour);
    return `${text}${text === "" ? "" : "\n"}${printCounts(findings, files)}`;
  });
}

function countOf(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length;
}

/** Lines of a file in which any object is a Secret, or may be one, are not shown. */
function lineReader({ manifests }: LoadedManifests["reading"]): ReadLine {
  const files = new Map(manifests.map((each) => [each.path, each]));
  const lines = new Map<string, readonly string[]>();
  return (file, line) => {
    const found = files.get(file);
    if (found === undefined || !found.manifest.readable || found.manifest.nameless.length > 0) return null;
    if (found.manifest.entries.some(({ kind }) => kind === "Secret")) return null;
    const split = lines.get(file) ?? found.text.split(/\r?\n/);
    lines.set(file, split);
    return split[line - 1] ?? null;
  };
}
