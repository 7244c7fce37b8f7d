import type { View } from "../api/view.ts";
import type { Clock } from "../base/ports.ts";
import type { Problem } from "../base/problem.ts";
import type { TranslationRun } from "../base/translation-run.ts";
import type { Work } from "../base/work.ts";
import type { Tables } from "../table/tables.ts";
import type { TranslatedRoutes } from "../translate/routes.ts";
import type { Translation } from "../translate/translation.ts";
import type { Translator } from "../translate/translator.ts";
import { changedTables } from "./changed-tables.ts";

/** What the stages from a view to tables in use are joined to. */
export type StageParts = {
  readonly clock: Clock;
  /** The latest view; asked for when there has been quiet, not when something changed. */
  readonly view: () => View;
  readonly translator: Translator;
  /**
   * Told what each translation of routes depends on. True if some of that is being read just now: the translation is then
   * not used, the tables stay, and a change follows.
   */
  readonly isAwaited: (routes: TranslatedRoutes) => boolean;
  /** Makes ready the tables that are given, those that differ from the ones before; the result swaps them all at once. */
  readonly prepare: (tables: Partial<Tables>) => Work<() => void>;
  /** Told how each translation went, after its tables are in use. */
  readonly translated: (run: TranslationRun) => void;
  /** Told each translation after its tables are in use, with the problems of the one before. */
  readonly report: (translation: Translation, before: readonly Problem[]) => void;
};

/** The two stages from a view to tables in use. */
export type Stages = {
  /** Translates the routes of the latest view; `publish` takes them from here. */
  readonly translateRoutes: () => Work<void>;
  /** Finds the endpoints of the latest routes in the latest view, and swaps what changed. Nothing is swapped elsewhere. */
  readonly publish: () => Work<void>;
  readonly latestRoutes: () => TranslatedRoutes | null;
  /** What the tables in use were translated with; null before the first. */
  readonly inUse: () => Translation | null;
};

/** Makes stages that have translated nothing yet. */
export function createStages(parts: StageParts): Stages {
  const { clock, translator } = parts;
  let latest: { readonly routes: TranslatedRoutes; readonly startedMs: number } | null = null;
  let inUse: { readonly routes: TranslatedRoutes; readonly translation: Translation } | null = null;
  const tell = (scope: TranslationRun["scope"], result: TranslationRun["result"], startedMs: number): void =>
    parts.translated({ scope, result, durationMs: clock.monotonicMs() - startedMs });
  const takeOver = function* (routes: TranslatedRoutes): Work<boolean> {
    const translation = yield* translator.translateEndpoints(parts.view(), routes);
    const before = inUse?.translation ?? null;
    const changed = changedTables(before?.tables ?? null, translation.tables);
    const isChanged = Object.keys(changed).length > 0;
    if (isChanged) (yield* parts.prepare(changed))();
    inUse = { routes, translation };
    parts.report(translation, before?.problems ?? []);
    return isChanged;
  };
  return {
    translateRoutes: function* () {
      const startedMs = clock.monotonicMs();
      try {
        const routes = yield* translator.translateRoutes(parts.view());
        if (!parts.isAwaited(routes)) latest = { routes, startedMs };
      } catch (error) {
        tell("routes", "failed", startedMs);
        throw error;
      }
    },
    publish: function* () {
      if (latest === null) return;
      const { routes } = latest;
      const scope = routes === inUse?.routes ? "endpoints" : "routes";
      const startedMs = scope === "routes" ? latest.startedMs : clock.monotonicMs();
      let result: TranslationRun["result"] = "failed";
      try {
        result = (yield* takeOver(routes)) ? "changed" : "unchanged";
      } finally {
        tell(scope, result, startedMs);
      }
    },
    latestRoutes: () => latest?.routes ?? null,
    inUse: () => inUse?.translation ?? null,
  };
}
