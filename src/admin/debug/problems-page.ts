import type { Problem } from "../../base/problem.ts";
import type { SourceProblem } from "../../base/source-problem.ts";
import type { DebugSources } from "./debug-sources.ts";
import { count, filter, type Param, type ParamValues } from "./params.ts";

/** One problem, as /debug/problems shows it; never a value of a Secret. Place and object are null where there is none. */
export type ProblemRow = {
  readonly reason: string;
  /** What it did to the object; null for what cannot be read at all. */
  readonly effect: Problem["effect"] | null;
  readonly kind: string | null;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly field: string;
  readonly value: string;
  readonly message: string;
  readonly expected: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
};

/** What the members of a row mean. The reference is made from these. */
export const PROBLEM_FIELDS: Readonly<Record<keyof ProblemRow, string>> = {
  reason: "One of [problems.md](problems.md).",
  effect:
    "`refused`: the smallest part that it concerns answers 503. `ignored`: the default is applied. `lost`: another object's rule answers. null: the file's version of the object is not taken; the last good one is served, if there was one.",
  kind: "The object's kind; null where a file holds no object.",
  namespace: "Its namespace.",
  name: "Its name.",
  field: "Where in the object, such as `spec.rules[0].backendRefs[1].port`.",
  value: "What is written there, cut.",
  message: "What is wrong.",
  expected:
    "What would be right, of what a schema or the reading of a file finds; empty for what translation finds, whose message says it.",
  file: "The manifest; null where no file holds the object.",
  line: "Counted from 1.",
  column: "Counted from 1.",
};

const MAX_LIMIT = 1_000;

/** The query of /debug/problems. */
export const PROBLEM_PARAMS: readonly Param[] = [
  filter("kind", "KIND", "Of objects of this kind."),
  filter("namespace", "NAMESPACE", "Of objects in this namespace."),
  filter("name", "NAME", "Of objects of this name."),
  filter("reason", "REASON", "For this reason, of problems.md."),
  count("limit", `How many to show, at most ${MAX_LIMIT}.`, { usual: 100, least: 1, most: MAX_LIMIT }),
];

/** The problems that match, and how many there are beyond those that are shown. */
export type FoundProblems = { readonly total: number; readonly matched: number; readonly rows: readonly ProblemRow[] };

/** What cannot be read first, then what translation found. Only what is shown is looked up in its file. */
export async function findProblems({ problems }: DebugSources, values: ParamValues): Promise<FoundProblems> {
  const limit = values.get("limit") as number;
  const unread = problems.source().filter((problem) => isWanted(problem, values));
  const inObjects = problems.translated().filter((problem) => isWanted(problem, values));
  const shown = inObjects.slice(0, Math.max(0, limit - unread.length));
  const places = await problems.place(shown);
  return {
    total: problems.source().length + problems.translated().length,
    matched: unread.length + inObjects.length,
    rows: [
      ...unread.slice(0, limit).map(unreadRow),
      ...shown.map((problem, index) => objectRow(problem, places[index] ?? null)),
    ],
  };
}

function isWanted(problem: SourceProblem | Problem, values: ParamValues): boolean {
  const { object, reason } = problem;
  const is = (name: string, actual: string | undefined): boolean => (values.get(name) ?? actual) === actual;
  return (
    is("kind", object?.kind) && is("namespace", object?.namespace) && is("name", object?.name) && is("reason", reason)
  );
}

function unreadRow({ object, field = "", reason, message, expected, ...place }: SourceProblem): ProblemRow {
  const { kind = null, namespace = null, name = null } = object ?? {};
  const { file = null, line = null, column = null } = place;
  return { reason, effect: null, kind, namespace, name, field, value: "", message, expected, file, line, column };
}

function objectRow(
  { object, field, value, reason, message, effect }: Problem,
  place: Awaited<ReturnType<DebugSources["problems"]["place"]>>[number],
): ProblemRow {
  const { file = null, line = null, column = null } = place ?? {};
  return { reason, effect, ...object, field, value, message, expected: "", file, line, column };
}
