import { printObject } from "../base/object-name.ts";
import type { Log } from "../base/ports.ts";
import { type FileProblem, printFileProblem } from "./file-problem.ts";

const maxLines = 50;

/** Logs each problem when it appears, and that it is gone when it is; problems that stay are not repeated. */
export function reportProblems(before: readonly FileProblem[], after: readonly FileProblem[], log: Log): void {
  const known = new Set(before.map(printFileProblem));
  const fresh = after.filter((problem) => !known.has(printFileProblem(problem)));
  for (const { message, object, ...fields } of fresh.slice(0, maxLines)) {
    log.warn({ ...fields, ...(object === undefined ? {} : { object: printObject(object) }) }, message);
  }
  if (fresh.length > maxLines) {
    log.warn({ more: fresh.length - maxLines }, "more problems in manifests than are logged");
  }
  const current = new Set(after.map(printFileProblem));
  const solved = before.filter((problem) => !current.has(printFileProblem(problem)));
  for (const { file, line, column } of solved.slice(0, maxLines)) {
    log.info({ file, line, column }, "a problem reported here earlier is gone");
  }
}
