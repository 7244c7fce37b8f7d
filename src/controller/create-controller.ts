import { isDeepStrictEqual } from "node:util";
import type { View } from "../api/view.ts";
import type { Clock, Log } from "../base/ports.ts";
import type { Problem } from "../base/problem.ts";
import { settleDown } from "../base/settle-down.ts";
import type { Tables } from "../table/tables.ts";
import { translateEndpoints } from "../translate/endpoints.ts";
import { arrangeProblems } from "../translate/findings.ts";
import { translate } from "../translate/translate.ts";
import type { ObjectStatus, TranslateOptions, Translation } from "../translate/translation.ts";
import { findChange } from "./find-change.ts";
import { createProblemLog } from "./problem-log.ts";

/** What is to be told to the authors of objects after a translation. */
export type Outcome = { readonly problems: readonly Problem[]; readonly statuses: readonly ObjectStatus[] };

/** What a controller works with. */
export type ControllerParts = {
  readonly options: TranslateOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes over the tables that changed, before it returns. */
  readonly publish: (tables: Partial<Tables>) => void;
  /** Takes what authors should know, after the tables it speaks of were published. */
  readonly report: (outcome: Outcome) => void;
  /** Waits this long for changes to stop; 50 by default. */
  readonly quietMs?: number;
  /** But never longer than this after the first; 500 by default. */
  readonly ceilingMs?: number;
  /** How views are translated; `translate` by default. */
  readonly translate?: typeof translate;
};

/** Turns views into tables as they come. */
export type Controller = {
  /** A newer view. The first is translated at once, later ones when changes have settled. Never throws. */
  readonly update: (view: View) => void;
  /** True once the first full set of tables was published. */
  readonly isReady: () => boolean;
  /** Forgets a change that is still waiting; nothing is published afterwards. */
  readonly stop: () => void;
};

const DEFAULT_QUIET_MS = 50;
const DEFAULT_CEILING_MS = 500;

/** What the last translation that worked was made of, and what it gave. */
type Done = { readonly view: View; readonly translation: Translation };

/** Makes a controller that has seen nothing yet. A translation that throws leaves the tables as they are. */
export function createController(parts: ControllerParts): Controller {
  const { clock, log, quietMs = DEFAULT_QUIET_MS, ceilingMs = DEFAULT_CEILING_MS } = parts;
  const logProblems = createProblemLog(log);
  let done: Done | null = null;
  let latest: View | null = null;
  const work = (): void => {
    if (latest === null) return;
    try {
      const next = translateChange(parts, done, latest);
      if (next === done) return;
      const tables = changedTables(done, next);
      if (Object.keys(tables).length > 0) parts.publish(tables);
      done = next;
    } catch (error) {
      log.error({ err: error, serving: done === null ? "nothing" : "the last good tables" }, "translation failed");
      return;
    }
    const { problems, statuses } = done.translation;
    logProblems(problems);
    parts.report({ problems, statuses });
  };
  const settling = settleDown(clock, { quietMs, ceilingMs }, work);
  return {
    update: (view) => {
      latest = view;
      if (done === null) work();
      else settling.touch();
    },
    isReady: () => done !== null,
    stop: () => {
      latest = null;
      settling.stop();
    },
  };
}

function translateChange(parts: ControllerParts, done: Done | null, view: View): Done {
  const change = done === null ? "everything" : findChange(done.view, view);
  if (done === null || change === "everything") {
    const translation = (parts.translate ?? translate)(view, parts.options);
    return { view, translation: done === null ? translation : keepEqualTables(done.translation, translation) };
  }
  return change === "none" ? done : { view, translation: renewEndpoints(parts, done.translation, view) };
}

/** Endpoints change all the time; routes are not translated for that. */
function renewEndpoints({ options }: ControllerParts, before: Translation, view: View): Translation {
  const { endpoints, problems: endpointProblems } = translateEndpoints(view, before.pools, options);
  const old = new Set(before.endpointProblems);
  const problems = arrangeProblems([...before.problems.filter((problem) => !old.has(problem)), ...endpointProblems]);
  const next = { ...before, tables: { ...before.tables, endpoints }, problems, endpointProblems };
  return keepEqualTables(before, next);
}

/**
 * Keeps tables that did not change as they were, so that nothing is rebuilt for them. Keys of certificates are not
 * looked at, and need not be: the ids are hashes of them.
 */
function keepEqualTables(before: Translation, after: Translation): Translation {
  const keep = <Name extends keyof Tables>(name: Name): Tables[Name] =>
    isDeepStrictEqual(before.tables[name], after.tables[name]) ? before.tables[name] : after.tables[name];
  const tables = { routing: keep("routing"), endpoints: keep("endpoints"), certificates: keep("certificates") };
  return { ...after, tables };
}

function changedTables(before: Done | null, after: Done): Partial<Tables> {
  const { tables } = after.translation;
  if (before === null) return tables;
  const names = Object.keys(tables) as (keyof Tables)[];
  return Object.fromEntries(
    names.filter((name) => tables[name] !== before.translation.tables[name]).map((name) => [name, tables[name]]),
  );
}
