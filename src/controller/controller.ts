import { createLane } from "../base/lane.ts";
import type { Log } from "../base/ports.ts";
import type { Problem, Reason } from "../base/problem.ts";
import { settleDown } from "../base/settle-down.ts";
import { finish, type Work } from "../base/work.ts";
import { createStages, type StageParts } from "./stages.ts";

/** What a controller is joined to. */
export type ControllerParts = StageParts & {
  readonly log: Log;
  /** True where changes are told only after a quiet period of their source: there is nothing more to wait for. */
  readonly settled: boolean;
};

/** Figures for health and metrics. */
export type ControllerFigures = {
  readonly routes: number;
  readonly problemsByReason: ReadonlyMap<Reason, number>;
  /** Translations that threw; the last good tables stayed in use. Above zero is a defect. */
  readonly failures: number;
  /** What the last translation of routes did not take over from the one before. */
  readonly translated: { readonly objects: number; readonly groups: number };
};

/** Turns changes of the view into tables. */
export type Controller = {
  /** Translates and publishes the first tables now. Throws what translate throws: there is nothing to fall back to. */
  readonly start: () => void;
  /** The view has changed; `endpointsOnly` promises that nothing but EndpointSlices did. */
  readonly changed: (endpointsOnly: boolean) => void;
  readonly figures: () => ControllerFigures;
  /** What the latest translation found. */
  readonly problems: () => readonly Problem[];
  readonly stop: () => void;
};

/** A burst of changes is one translation: after this much quiet, or at the ceiling. */
const QUIET = { quietMs: 50, ceilingMs: 500 };

/** Changes that have settled already. */
const NO_QUIET = { quietMs: 0, ceilingMs: 0 };

/** Endpoints change constantly and cost little: only a burst within one turn of changes is merged. */
const ENDPOINTS_QUIET = { quietMs: 5, ceilingMs: 20 };

/**
 * Makes a controller that has published nothing yet. Routes and endpoints have a lane each, so that endpoints go on changing
 * while a large change of routes is still being translated; every swap is made in the lane of endpoints.
 */
export function createController(parts: ControllerParts): Controller {
  const { clock, log } = parts;
  let problemsByReason: ReadonlyMap<Reason, number> = new Map();
  let failures = 0;
  const stages = createStages({
    ...parts,
    report: (translation, before) => {
      problemsByReason = countReasons(translation.problems);
      parts.report(translation, before);
    },
  });
  const failed = (what: string) => (error: unknown) => {
    failures += 1;
    log.error({ error, failures }, `${what} failed; the last good tables stay in use`);
  };
  const endpoints = createLane(clock, stages.publish, failed("translation of endpoints"));
  const translateRoutes = function* (): Work<void> {
    yield* stages.translateRoutes();
    endpoints.run();
  };
  const routes = createLane(clock, translateRoutes, failed("translation"));
  const quietRoutes = settleDown(clock, parts.settled ? NO_QUIET : QUIET, routes.run);
  const quietEndpoints = settleDown(clock, parts.settled ? NO_QUIET : ENDPOINTS_QUIET, endpoints.run);
  return {
    start: () => {
      finish(stages.translateRoutes());
      finish(stages.publish());
    },
    changed: (endpointsOnly) => (endpointsOnly ? quietEndpoints : quietRoutes).touch(),
    problems: () => stages.inUse()?.problems ?? [],
    figures: () => ({
      routes: stages.inUse()?.statuses.length ?? 0,
      problemsByReason,
      failures,
      translated: stages.latestRoutes()?.done ?? { objects: 0, groups: 0 },
    }),
    stop: () => {
      for (const part of [quietRoutes, quietEndpoints, routes, endpoints]) part.stop();
    },
  };
}

function countReasons(problems: readonly Problem[]): ReadonlyMap<Reason, number> {
  const counts = new Map<Reason, number>();
  for (const { reason } of problems) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}
