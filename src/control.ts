import { createSecretsGate } from "./await-secrets.ts";
import type { KindFigures } from "./base/cluster-figures.ts";
import { createLane } from "./base/lane.ts";
import { printObject } from "./base/object-name.ts";
import type { Clock, Log, LogFields } from "./base/ports.ts";
import type { Problem } from "./base/problem.ts";
import type { SourceProblem } from "./base/source-problem.ts";
import type { Work } from "./base/work.ts";
import { type Controller, type ControllerParts, createController } from "./controller/controller.ts";
import { diffProblems } from "./controller/diff-problems.ts";
import { createTellUnserved } from "./controller/tell-unserved.ts";
import type { DataPlane } from "./data-plane.ts";
import type { FilePlace } from "./files/file-problem.ts";
import type { Meters } from "./observe/meters.ts";
import type { LiveTable } from "./proxy/listen/live-table.ts";
import { createSource, type Source, type SourceParts, type SourceSettings } from "./source.ts";
import type { EndpointTable } from "./table/endpoint-table.ts";
import type { RoutingTable } from "./table/routing-table.ts";
import { nameRules } from "./table/rule-names.ts";
import { servedRules } from "./table/served-rules.ts";
import type { TranslateOptions } from "./translate/translation.ts";
import { createTranslator } from "./translate/translator.ts";

/** What a control plane is joined from. */
export type ControlParts = {
  readonly source: SourceSettings;
  readonly options: TranslateOptions;
  readonly impliedClass: SourceParts["impliedClass"];
  readonly plane: Pick<DataPlane, "live" | "balancer" | "agents" | "reJudge">;
  /** Told of each translation, and of the rules that are served. */
  readonly meters: Pick<Meters, "translated" | "follow">;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Figures for health and metrics. */
export type ControlFigures = {
  /** Objects that route. */
  readonly routes: number;
  /** What is wrong in what was written, by reason; `InvalidManifest` for what cannot be read at all. */
  readonly problemsByReason: ReadonlyMap<string, number>;
  /** Since the routing table was last swapped; null before the first full tables. */
  readonly ageMs: number | null;
  /** How the reading of each kind of a cluster stands; empty for a directory. */
  readonly kinds: readonly KindFigures[];
};

/** What is wrong in what was written, at this moment. */
export type ProblemSource = {
  readonly source: () => readonly SourceProblem[];
  readonly translated: () => readonly Problem[];
  /** Where they are, in the same order; null for an object that no file holds. */
  readonly place: (problems: readonly Problem[]) => Promise<readonly (FilePlace | null)[]>;
};

/** What turns objects into the tables of a data plane, and follows their changes. */
export type Control = {
  /** Reads and publishes the first full tables, however long that takes. Rejects if that will never be, or when it is stopped before. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly figures: () => ControlFigures;
  readonly problems: ProblemSource;
};

/** A translation of thousands of routes may find thousands of problems: a log is not where to read them all. */
const MAX_LINES = 50;

/** Builds the control plane; nothing is read before `start`. */
export function createControl(parts: ControlParts): Control {
  const { plane, log, clock } = parts;
  const isFirst = Promise.withResolvers<void>();
  // Nobody need wait for it.
  isFirst.promise.catch(() => {});
  let controller: Controller | null = null;
  const after = createLane(clock, createAftermath(parts), (error) =>
    log.error({ error }, "old tables were not let go of"),
  );
  const source = createSource(parts.source, {
    ...parts,
    onChange: ({ kinds }) => controller?.changed(kinds.size === 1 && kinds.has("EndpointSlice")),
  });
  const gate = createSecretsGate(source, clock, () => controller?.changed(false));
  const swapped = (): void => {
    gate.opened();
    isFirst.resolve();
    after.run();
  };
  return {
    start: async () => {
      await source.start();
      controller = joinController(parts, source, { swapped, isAwaited: ({ secrets }) => gate.isAwaited(secrets) });
      controller.start();
      await isFirst.promise;
    },
    stop: async () => {
      isFirst.reject(new Error("stopped before the first tables"));
      controller?.stop();
      gate.stop();
      after.stop();
      await source.close();
    },
    problems: {
      source: source.problems,
      translated: () => controller?.problems() ?? [],
      place: source.place,
    },
    figures: () => {
      const ages = plane.live.ages();
      const { routes = 0, problemsByReason = new Map() } = controller?.figures() ?? {};
      const invalid = source.problems().length;
      return {
        routes,
        problemsByReason: new Map([...problemsByReason, ["InvalidManifest", invalid]]),
        ageMs: plane.live.isComplete() ? ages.routing.ageMs : null,
        kinds: source.kinds(),
      };
    },
  };
}

function joinController(
  { options, plane, meters, log, clock }: ControlParts,
  source: Source,
  { swapped, isAwaited }: Pick<ControllerParts, "isAwaited"> & { readonly swapped: () => void },
): Controller {
  const tellUnserved = createTellUnserved(log);
  return createController({
    clock,
    log,
    view: source.view,
    settled: true,
    translator: createTranslator(options),
    isAwaited,
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
  source: Source,
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
