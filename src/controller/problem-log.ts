import type { Log } from "../base/ports.ts";
import type { Problem } from "../base/problem.ts";

const MAX_LINES = 200;

/** Tells the log of problems: each when it appears and when it is gone, and not in between. */
export type ProblemLog = (problems: readonly Problem[]) => void;

/** Remembers which problems were told. At most 200 lines are written at once; a last one counts the rest. */
export function createProblemLog(log: Log): ProblemLog {
  let told: ReadonlyMap<string, Problem> = new Map();
  return (problems) => {
    const current = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
    const appeared = [...current].filter(([key]) => !told.has(key));
    const gone = [...told].filter(([key]) => !current.has(key));
    const lines = [
      ...appeared.map(
        ([, problem]) =>
          (): void =>
            log.warn(fieldsOf(problem), problem.message),
      ),
      ...gone.map(
        ([, problem]) =>
          (): void =>
            log.info(fieldsOf(problem), "a problem is gone"),
      ),
    ];
    for (const write of lines.slice(0, MAX_LINES)) write();
    if (lines.length > MAX_LINES) log.warn({ unlogged: lines.length - MAX_LINES }, "there is more to say of problems");
    told = current;
  };
}

function fieldsOf({ object, field, value, reason, effect }: Problem): Record<string, string> {
  return { kind: object.kind, namespace: object.namespace, name: object.name, field, value, reason, effect };
}
