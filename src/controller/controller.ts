import type { View } from "../api/view.ts";
import type { Clock, Log } from "../base/ports.ts";
import type { Problem } from "../base/problem.ts";
import { settleDown } from "../base/settle-down.ts";
import type { PoolKey } from "../table/endpoint-table.ts";
import type { Tables } from "../table/tables.ts";
import type { TranslatedEndpoints } from "../translate/endpoints.ts";
import type { Translation } from "../translate/translation.ts";

/** What a controller is joined to. */
export type ControllerParts = {
  readonly clock: Clock;
  readonly log: Log;
  /** The latest view; asked for when there has been quiet, not when something changed. */
  readonly view: () => View;
  readonly translate: (view: View) => Translation;
  readonly translateEndpoints: (view: View, pools: ReadonlySet<PoolKey>) => TranslatedEndpoints;
  /** Swaps the tables that are given. */
  readonly publish: (tables: Partial<Tables>) => void;
  /** Told all problems after each translation, with those of the one before. */
  readonly report: (problems: readonly Problem[], before: readonly Problem[]) => void;
};

/** Figures for health and metrics. */
export type ControllerFigures = {
  readonly routes: number;
  readonly problems: number;
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

type State = { readonly translation: Translation; readonly endpointProblems: readonly Problem[] | null };

/** Makes a controller that has published nothing yet. */
export function createController(parts: ControllerParts): Controller {
  const { clock, log } = parts;
  let state: State | null = null;
  let failures = 0;
  const guarded = (what: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      failures += 1;
      log.error({ error, failures }, `${what} failed; the last good tables stay in use`);
    }
  };
  const translateAll = (): void => {
    const translation = parts.translate(parts.view());
    parts.publish(translation.tables);
    const before = state === null ? [] : problemsOf(state);
    state = { translation, endpointProblems: null };
    parts.report(problemsOf(state), before);
  };
  const translateEndpoints = (): void => {
    if (state === null) return;
    const { translation } = state;
    const { endpoints, problems } = parts.translateEndpoints(parts.view(), translation.pools);
    parts.publish({ endpoints });
    const before = problemsOf(state);
    state = { translation, endpointProblems: problems };
    parts.report(problemsOf(state), before);
  };
  const routes = settleDown(clock, QUIET, () => guarded("translation", translateAll));
  const endpoints = settleDown(clock, ENDPOINTS_QUIET, () => guarded("translation of endpoints", translateEndpoints));
  return {
    start: translateAll,
    changed: (endpointsOnly) => (endpointsOnly ? endpoints : routes).touch(),
    figures: () => ({
      routes: state?.translation.statuses.length ?? 0,
      problems: state === null ? 0 : problemsOf(state).length,
      failures,
    }),
    stop: () => {
      routes.stop();
      endpoints.stop();
    },
  };
}

/** After a change of endpoints alone, their problems replace those of the whole translation; the others stand. */
function problemsOf({ translation, endpointProblems }: State): readonly Problem[] {
  if (endpointProblems === null) return translation.problems;
  const others = translation.problems.filter(({ object }) => object.kind !== "EndpointSlice");
  return [...others, ...endpointProblems.filter(({ object }) => object.kind === "EndpointSlice")];
}
