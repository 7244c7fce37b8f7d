import { PROBLEM_PARAMS, type ProblemRow } from "../../admin/debug/problems-page.ts";
import type { Invocation } from "../command.ts";
import { mistakesOf, UsageError } from "../complain.ts";
import { escapeText } from "../escape-text.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Printable, printResult } from "../output.ts";
import type { Surroundings } from "../surroundings.ts";
import { readQuestion } from "./admin-flags.ts";
import { askAdmin } from "./ask-admin.ts";

/** What /debug/problems answers. */
type Answer = { readonly total: number; readonly matched: number; readonly problems: readonly ProblemRow[] };

const MAX_MESSAGE = 1_000;

/** `fairlead problems`: what a replica finds wrong in the objects that it reads. Resolves to the exit code: 1 if there is a problem. */
export async function runProblems({ flags, format }: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const read = readQuestion(flags, PROBLEM_PARAMS);
  if (!read.ok) throw new UsageError(mistakesOf("InvalidArgument", read.errors));
  const { body } = await askAdmin({ ...read, method: "GET", path: "/debug/problems", expects: "problems" });
  const answer = body as Answer;
  surroundings.write(printResult(format, body as Printable, () => printForPeople(answer)));
  return answer.matched > 0 ? 1 : 0;
}

function printForPeople({ total, matched, problems }: Answer): string {
  const shown = problems.length < matched ? `, ${problems.length} are shown` : "";
  const counts = `${total} ${total === 1 ? "problem" : "problems"}, ${matched} match${shown}`;
  return `${problems.map((row) => `${printRow(row)}\n`).join("")}${counts}\n`;
}

/** On one line, as compilers print it. */
function printRow(row: ProblemRow): string {
  const { file, line, column, kind, namespace, name, field, effect, reason, message, expected } = row;
  const place = file === null ? [] : [`${file}:${line}:${column}:`];
  const object = kind === null ? [] : [`${kind} ${namespace}/${name}`];
  const parts = [
    ...place,
    ...object,
    ...(field === "" ? [] : [field]),
    `${reason}${effect === null ? "" : ` (${effect})`}:`,
  ];
  const wanted = expected === "" ? "" : ` (expected: ${expected})`;
  return escapeText(`${parts.join(" ")} ${message}${wanted}`, MAX_MESSAGE);
}
