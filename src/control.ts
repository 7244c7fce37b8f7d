import { createValidator } from "./api/validate/create-validator.ts";
import { createLane } from "./base/lane.ts";
import type { Clock, Log, LogFields } from "./base/ports.ts";
import type { ObjectRef, Problem } from "./base/problem.ts";
import type { Work } from "./base/work.ts";
import { type Controller, createController } from "./controller/controller.ts";
import { diffProblems } from "./controller/diff-problems.ts";
import { createTellUnserved } from "./controller/tell-unserved.ts";
import type { DataPlane } from "./data-plane.ts";
import { impliedIngressClass } from "./files/build-view.ts";
import { type FilePlace, type FileProblem, printObject } from "./files/file-problem.ts";
import { type ManifestSource, openManifests } from "./files/manifest-source.ts";
import type { Meters } from "./observe/meters.ts";
import type { LiveTable } from "./proxy/listen/live-table.ts";
import type { EndpointTable } from "./table/endpoint-table.ts";
import type { RoutingTable } from "./table/routing-table.ts";
import { nameRules } from "./table/rule-names.ts";
import { servedRules } from "./table/served-rules.ts";
import type { TranslateOptions } from "./translate/translation.ts";
import { createTranslator } from "./translate/translator.ts";

/** What a control plane is joined from. */
export type ControlParts = {
  readonly manifests: string;
  readonly options: TranslateOptions;
  /** The class that is there without a file, of the controller that the options name. */
  readonly impliedClass: string;
  readonly plane: Pick<DataPlane, "live" | "balancer" | "agents" | "reJudge">;
  /** Told of each translation, and of the rules that are served. */
  readonly meters: Pick<Meters, "translated" | "follow">;
  readonly log: Log;
  readonly clock: Clock;
};

/** Figures for health and metrics. */
export type ControlFigures = {
  /** Objects that route. */
  readonly routes: number;
  /** What is wrong in what was written, by reason; `InvalidManifest` for what is wrong in the files themselves. */
  readonly problemsByReason: ReadonlyMap<string, number>;
  /** Since the routing table was last swapped; null before the first full tables. */
  readonly ageMs: number | null;
};

/** What is wrong in what was written, at this moment. */
export type ProblemSource = {
  readonly files: () => readonly FileProblem[];
  readonly translated: () => readonly Problem[];
  /** Where they are, in the same order; null for an object that no file holds. */
  readonly place: (problems: readonly Problem[]) => Promise<readonly (FilePlace | null)[]>;
};

/** What turns manifests into the tables of a data plane, and follows their changes. */
export type Control = {
  /** Reads and publishes the first full tables. Rejects if the directory cannot be read. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly figures: () => ControlFigures;
  readonly problems: ProblemSource;
};

/** A directory that is replaced changes thousands of objects: one line says so, and names some. */
const MAX_NAMES = 5;

/** A translation of thousands of routes may find thousands of problems: a log is not where to read them all. */
const MAX_LINES = 50;

/** Builds the control plane; nothing is read before `start`. */
export function createControl(parts: ControlParts): Control {
  const { plane, log, clock } = parts;
  let joined: { readonly source: ManifestSource; readonly controller: Controller } | null = null;
  const after = createLane(clock, createAftermath(parts), (error) =>
    log.error({ error }, "old tables were not let go of"),
  );
  return {
    start: async () => {
      const source = await openManifests({
        root: parts.manifests,
        validate: createValidator({ allowLoopback: true }),
        impliedClass: impliedIngressClass(parts.impliedClass, parts.options.classes.controllerName),
        log,
        clock,
        onChange: ({ changed, kinds }) => {
          tellChanged(changed, log);
          controller.changed(kinds.size === 1 && kinds.has("EndpointSlice"));
        },
      });
      const controller = joinController(parts, source, after.run);
      joined = { source, controller };
      controller.start();
    },
    stop: async () => {
      joined?.controller.stop();
      after.stop();
      await joined?.source.close();
    },
    problems: {
      files: () => joined?.source.problems() ?? [],
      translated: () => joined?.controller.problems() ?? [],
      place: async (problems) => (await joined?.source.place(problems)) ?? [],
    },
    figures: () => {
      const ages = plane.live.ages();
      const { routes = 0, problemsByReason = new Map() } = joined?.controller.figures() ?? {};
      const invalid = joined?.source.problems().length ?? 0;
      return {
        routes,
        problemsByReason: new Map([...problemsByReason, ["InvalidManifest", invalid]]),
        ageMs: plane.live.isComplete() ? ages.routing.ageMs : null,
      };
    },
  };
}

function joinController(
  { options, plane, meters, log, clock }: ControlParts,
  source: ManifestSource,
  swapped: () => void,
): Controller {
  const tellUnserved = createTellUnserved(log);
  return createController({
    clock,
    log,
    view: source.view,
    settled: true,
    translator: createTranslator(options),
    prepare: function* (tables) {
      const swap = yield* plane.live.prepare(tables);
      return () => {
        swap();
        log.debug(versionsOf(plane.live.ages()), "tables are in use");
        swapped();
      };
    },
    translated: meters.translated,
    report: ({ problems, unserved }, before) => {
      tellUnserved(unserved);
      reportProblems(diffProblems(before.filter(isNews), problems.filter(isNews)), source, log).catch(
        (error: unknown) => log.error({ error }, "problems could not be reported"),
      );
    },
  });
}

/**
 * What follows a swap: everybody who keeps something for rules and endpoints lets go of what the tables in use do not name
 * any more. No connection is touched but by re-judge, if its route asked for it.
 */
function createAftermath({ plane, meters }: ControlParts): () => Work<void> {
  const { live, balancer, agents, reJudge } = plane;
  let routing: RoutingTable | null = null;
  let endpoints: EndpointTable | null = null;
  return function* () {
    const { table } = live.routes();
    if (table !== routing) {
      yield* meters.follow(servedRules(table));
      const rules = yield* nameRules(table);
      // Another table came meanwhile, and with it another run: what an old one does not name may be a new route.
      if (live.routes().table !== table) return;
      balancer.retainRules(rules);
      reJudge.swapped(rules);
      routing = table;
    }
    const pools = live.endpoints();
    if (pools === endpoints) return;
    balancer.retainPools(pools);
    yield* agents.retain(pools);
    endpoints = pools;
  };
}

/** Says what was written, changed or removed, so that its author sees that it was read; what it led to is told by problems. */
function tellChanged(changed: readonly ObjectRef[], log: Log): void {
  if (changed.length === 0) return;
  const more = changed.length > MAX_NAMES ? ` and ${changed.length - MAX_NAMES} more` : "";
  log.info({ objects: changed.length }, `changed: ${changed.slice(0, MAX_NAMES).map(printObject).join(", ")}${more}`);
}

/** How often each table was swapped since the start. */
function versionsOf({ routing, endpoints, certificates }: ReturnType<LiveTable["ages"]>): Record<string, number> {
  return { routing: routing.version, endpoints: endpoints.version, certificates: certificates.version };
}

/** Why an object is stale was told when its file was read, at the very line. */
function isNews({ reason }: Problem): boolean {
  return reason !== "Stale";
}

async function reportProblems(
  { appeared, gone }: ReturnType<typeof diffProblems>,
  source: ManifestSource,
  log: Log,
): Promise<void> {
  const shown = appeared.slice(0, MAX_LINES);
  const places = await source.place(shown);
  shown.forEach((problem, index) => log.warn({ ...whereIs(places[index]), ...describe(problem) }, problem.message));
  if (appeared.length > MAX_LINES) log.warn({ more: appeared.length - MAX_LINES }, "more problems than are logged");
  for (const problem of gone.slice(0, MAX_LINES)) log.info(describe(problem), `solved: ${problem.message}`);
}

function whereIs(place: FilePlace | null | undefined): LogFields {
  return place ? { file: place.file, line: place.line, column: place.column } : {};
}

function describe({ object, field, value, reason, effect }: Problem): Record<string, string> {
  return { object: printObject(object), field, value, reason, effect };
}
