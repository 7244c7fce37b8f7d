import { READING_REASONS } from "../../src/api/reading-reasons.ts";
import { REASONS } from "../../src/base/problem.ts";
import { HINTS } from "../../src/cli/lint/hints.ts";
import { code, origin, writePage } from "./markdown.ts";

type Row = { readonly meaning: string; readonly mend: string; readonly condition?: string; readonly severity?: string };

/** docs/reference/problems.md: every code that a condition, Event, log line or finding of lint can carry, each with an anchor. */
export function writeProblems(): string {
  return writePage([
    origin("src/base/problem.ts, src/api/reading-reasons.ts and src/cli/lint/hints.ts"),
    "# Problems and conditions",
    "What Fairlead says of an object that it cannot honour as written, or that is hardly meant as it is written. The names below are stable: they are the reason of a condition in `status.conditions`, of an Event and of a line of the log, and the code of a finding of [`fairlead lint`](cli.md#fairlead-lint). Errors of the command line, of a start and of /debug have [codes of their own](cli.md#errors).",
    "## Objects",
    "Found when objects are translated. Each belongs to a condition:",
    "- `Accepted`: the object can be served as written.\n- `ResolvedRefs`: everything that it names exists and may be used.\n- `Programmed`: the data plane serves this version of it.",
    "What cannot be honoured answers 503, in the narrowest scope that is safe, or is ignored where that opens nothing; lint calls the first an error and the second a warning.",
    ...describe(REASONS),
    "## Files and schemas",
    "Found when manifests are read: what the API server would refuse, and what is no manifest. An object with one of these is not served, or goes on in its last good version. Errors, all of them.",
    ...describe(READING_REASONS),
    "## Hints of lint",
    "Served as written, and hardly as meant. Only `fairlead lint` looks for these.",
    ...describe(HINTS),
  ]);
}

function describe(rows: Readonly<Record<string, Row>>): readonly string[] {
  return Object.entries(rows).flatMap(([name, { meaning, mend, condition, severity }]) => [
    `### ${name}`,
    [
      meaning,
      `To mend it: ${mend}`,
      ...(condition === undefined ? [] : [`Condition: ${code(condition)}.`]),
      ...(severity === undefined ? [] : [`Severity: ${severity}.`]),
    ].join(" "),
  ]);
}
