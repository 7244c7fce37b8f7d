import type { KindFigures, WatchState } from "../base/cluster-figures.ts";
import { printObject } from "../base/object-name.ts";
import type { Log } from "../base/ports.ts";
import type { ObjectRef } from "../base/problem.ts";
import type { SourceProblem } from "../base/source-problem.ts";

/** Says in the log how the reading of a cluster goes: each thing once, when it changes. */
export type TellReading = {
  readonly kinds: (kinds: readonly KindFigures[]) => void;
  readonly secret: (secret: string, state: WatchState, explanation: string | null) => void;
  /** These objects were read; of each that cannot be used as it is, why. */
  readonly objects: (refs: readonly ObjectRef[], problemOf: (ref: ObjectRef) => SourceProblem | null) => void;
};

/** One list may bring thousands of objects that cannot be used. */
const MAX_LINES = 50;

/** Makes a teller that has told nothing yet. */
export function createTellReading(log: Log): TellReading {
  const states = new Map<string, WatchState>();
  const problems = new Map<string, string>();
  return {
    kinds: (kinds) => {
      for (const { kind, state, explanation, objects } of kinds) {
        if ((states.get(kind) ?? "waiting") === state) continue;
        states.set(kind, state);
        if (explanation === null) log.info({ kind, state, objects }, `${kind} objects are read and followed`);
        else log.warn({ kind, state, objects }, `${kind} objects: ${explanation}`);
      }
    },
    secret: (secret, state, explanation) => {
      if (explanation === null) log.info({ secret, state }, "the Secret can be read again");
      else log.warn({ secret, state }, `the Secret cannot be read: ${explanation}`);
    },
    objects: (refs, problemOf) => {
      let lines = 0;
      for (const ref of refs) {
        const object = printObject(ref);
        const problem = problemOf(ref);
        const message = problem === null ? null : `${problem.field ?? ""}: ${problem.message}`;
        if (message === (problems.get(object) ?? null)) continue;
        lines += 1;
        if (message === null) problems.delete(object);
        else problems.set(object, message);
        if (lines > MAX_LINES) continue;
        if (problem === null) log.info({ object }, "a problem reported here earlier is gone");
        else log.warn({ object, field: problem.field, reason: problem.reason }, problem.message);
      }
      if (lines > MAX_LINES) log.warn({ more: lines - MAX_LINES }, "more problems in objects than are logged");
    },
  };
}
