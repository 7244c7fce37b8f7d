import type { View } from "../api/view.ts";
import type { Clock, Log } from "../base/ports.ts";
import type { Problem, Reason } from "../base/problem.ts";
import { settleDown } from "../base/settle-down.ts";
import type { TranslationRun } from "../base/translation-run.ts";
import type { PoolKey } from "../table/endpoint-table.ts";
import type { Tables } from "../table/tables.ts";
import type { TranslatedEndpoints } from "../translate/endpoints.ts";
import { arrangeProblems } from "../translate/findings.ts";
import type { Translation } from "../translate/translation.ts";
import { changedTables, keepEqualTables } from "./changed-tables.ts";

/** What a controller is joined to. */
export type ControllerParts = {
  readonly clock: Clock;
  readonly log: Log;
  /** The latest view; asked for when there has been quiet, not when something changed. */
  readonly view: () => View;
  readonly translate: (view: View) => Translation;
  readonly translateEndpoints: (view: View, pools: ReadonlySet<PoolKey>) => TranslatedEndpoints;
  /** Swaps the tables that are given: those that differ from the ones before. */
  readonly publish: (tables: Partial<Tables>) => void;
  /** Told how each translation went, after its tables are in use. */
  readonly translated: (run: TranslationRun) => void;
  /** Told all problems after each translation, with those of the one before. */
  readonly report: (problems: readonly Problem[], before: readonly Problem[]) => void;
};

/** Figures for health and metrics. */
export type ControllerFigures = {
  readonly routes: number;
  readonly problemsByReason: ReadonlyMap<Reason, number>;
  /** Translations that threw; the last good tables stayed in use. Above zero is a defect. */
  readonly failures: number;
};

/** Turns changes of the view into tables. */
export type Controller = {
  /** Translates and publishes the first tables now. Throws what translate throws: there is nothing to fall back to. */
  readonly start: () => void;
  /** The view has changed; `endpointsOnly` promises that nothing but EndpointSlices did. */
  readonly changed: (endpointsOnly: boolean) => void;
  readonly figures: () => ControllerFigures;
  readonly stop: () => void;
};

/** A burst of changes is one translation: after this much quiet, or at the ceiling. */
const QUIET = { quietMs: 50, ceilingMs: 500 };

/** Endpoints change constantly and cost little: only a burst within one turn of changes is merged. */
const ENDPOINTS_QUIET = { quietMs: 5, ceilingMs: 20 };

/** Makes a controller that has published nothing yet. */
export function createController(parts: ControllerParts): Controller {
  const { clock, log } = parts;
  let current: Translation | null = null;
  let problemsByReason: ReadonlyMap<Reason, number> = new Map();
  let failures = 0;
  const timed = (scope: TranslationRun["scope"], work: () => boolean): void => {
    const startedMs = clock.monotonicMs();
    let result: TranslationRun["result"] = "failed";
    try {
      result = work() ? "changed" : "unchanged";
    } finally {
      parts.translated({ scope, result, durationMs: clock.monotonicMs() - startedMs });
    }
  };
  const guarded = (what: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      failures += 1;
      log.error({ error, failures }, `${what} failed; the last good tables stay in use`);
    }
  };
  const takeOver = (next: Translation): boolean => {
    const before = current;
    const tables = before === null ? next.tables : keepEqualTables(before.tables, next.tables);
    const changed = changedTables(before?.tables ?? null, tables);
    if (Object.keys(changed).length > 0) parts.publish(changed);
    current = { ...next, tables };
    problemsByReason = countReasons(next.problems);
    parts.report(next.problems, before?.problems ?? []);
    return Object.keys(changed).length > 0;
  };
  const translateAll = (): void => timed("routes", () => takeOver(parts.translate(parts.view())));
  const translateEndpoints = (): void => {
    const before = current;
    if (before === null) return;
    timed("endpoints", () => takeOver(renewEndpoints(before, parts.translateEndpoints(parts.view(), before.pools))));
  };
  const routes = settleDown(clock, QUIET, () => guarded("translation", translateAll));
  const endpoints = settleDown(clock, ENDPOINTS_QUIET, () => guarded("translation of endpoints", translateEndpoints));
  return {
    start: translateAll,
    changed: (endpointsOnly) => (endpointsOnly ? endpoints : routes).touch(),
    figures: () => ({
      routes: current?.statuses.length ?? 0,
      problemsByReason,
      failures,
    }),
    stop: () => {
      routes.stop();
      endpoints.stop();
    },
  };
}

function countReasons(problems: readonly Problem[]): ReadonlyMap<Reason, number> {
  const counts = new Map<Reason, number>();
  for (const { reason } of problems) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}

/** The same translation with other endpoints: their problems replace those that were found with the ones before. */
function renewEndpoints(before: Translation, { endpoints, problems }: TranslatedEndpoints): Translation {
  const old = new Set(before.endpointProblems);
  return {
    ...before,
    tables: { ...before.tables, endpoints },
    problems: arrangeProblems([...before.problems.filter((problem) => !old.has(problem)), ...problems]),
    endpointProblems: problems,
  };
}
