import { setImmediate as nextTurn } from "node:timers/promises";
import type { View } from "../../src/api/view.ts";
import type { Log } from "../../src/base/ports.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { type Controller, createController } from "../../src/controller/controller.ts";
import { POLICIES } from "../../src/policy/index.ts";
import { createLiveTable } from "../../src/proxy/listen/live-table.ts";
import type { Tables } from "../../src/table/tables.ts";
import { createTranslator } from "../../src/translate/translator.ts";
import { describeBlocks, type Figure, inUnit, quantile } from "./figures.ts";
import { type Application, makeApplication, makeSlice, makeView } from "./make-objects.ts";
import { OPTIONS } from "./options.ts";
import { watchLoop } from "./watch-loop.ts";

/** How a view in memory is measured; `onOneHost` tells the routes apart by their paths alone. */
export type ControllerCase = { readonly routes: number; readonly onOneHost: boolean; readonly edits: number };

/** From a change of the view to the table that has it, as in a cluster: without files. */
export async function measureController({ routes, onOneHost, edits }: ControllerCase): Promise<readonly Figure[]> {
  const applications = Array.from({ length: routes }, (_, index) => makeApplication(index, "5s", onOneHost));
  const world = serveView(makeView([]));
  const figures: Figure[] = [];
  try {
    const all = await world.change(makeView(applications), false);
    figures.push(
      {
        what: "all routes translated and in use, from nothing",
        value: inUnit(all, "ms"),
        target: "500 ms, and 50 ms of quiet",
      },
      { what: "longest block meanwhile", value: describeBlocks(world.watch.blocks()), target: "below 20 ms" },
    );
    const edit = async (what: string, target: string, endpointsOnly: boolean, at: (index: number) => Application) => {
      const effects: number[] = [];
      world.watch.restart();
      for (let round = 0; round < edits; round += 1) {
        const index = (round * 17 + 2) % routes;
        applications[index] = at(index);
        const view = nextView(world.view(), applications, endpointsOnly);
        await nextTurn();
        effects.push(await world.change(view, endpointsOnly));
      }
      const { objects, groups } = world.controller.figures().translated;
      figures.push(
        {
          what: `one ${what} changed`,
          value: `${inUnit(quantile(effects, 0.5), "ms")} median, ${inUnit(quantile(effects, 0.99), "ms")} p99`,
          target,
        },
        { what: "longest block meanwhile", value: describeBlocks(world.watch.blocks()), target: "below 20 ms" },
        { what: "translated by the last translation of routes", value: `${objects} objects, ${groups} hosts` },
      );
    };
    await edit("route", "100 ms, and 50 ms of quiet", false, (index) => ({
      ...applications[index]!,
      route: makeApplication(index, "7s", onOneHost).route,
    }));
    await edit("endpoint", "50 ms", true, (index) => {
      const { namespace = "", name } = applications[index]!.slice.metadata;
      return { ...applications[index]!, slice: makeSlice({ namespace, name }, index, false) };
    });
    return figures;
  } finally {
    world.stop();
  }
}

/** Objects that did not change stay the very same, as a reader of objects keeps them. */
function nextView(before: View, applications: readonly Application[], endpointsOnly: boolean): View {
  const next = makeView(applications);
  if (endpointsOnly) return { ...before, endpointSlices: next.endpointSlices };
  return {
    ...next,
    services: before.services,
    endpointSlices: before.endpointSlices,
    ingressClasses: before.ingressClasses,
  };
}

type World = {
  readonly controller: Controller;
  readonly watch: ReturnType<typeof watchLoop>;
  readonly view: () => View;
  /** Resolves with the ms from the change to its tables. */
  readonly change: (view: View, endpointsOnly: boolean) => Promise<number>;
  readonly stop: () => void;
};

function serveView(first: View): World {
  const live = createLiveTable(POLICIES, systemClock);
  let view = first;
  let swapped = (_tables: Partial<Tables>): void => undefined;
  const controller = createController({
    clock: systemClock,
    log: failingLog(),
    view: () => view,
    settled: false,
    translator: createTranslator(OPTIONS),
    isAwaited: () => false,
    prepare: function* (tables) {
      const swap = yield* live.prepare(tables);
      return () => {
        swap();
        swapped(tables);
      };
    },
    translated: () => undefined,
    report: () => undefined,
  });
  controller.start();
  const watch = watchLoop();
  return {
    controller,
    watch,
    view: () => view,
    change: (next, endpointsOnly) =>
      new Promise((resolve) => {
        const startMs = performance.now();
        swapped = () => resolve(performance.now() - startMs);
        view = next;
        controller.changed(endpointsOnly);
      }),
    stop: () => {
      controller.stop();
      watch.stop();
    },
  };
}

function failingLog(): Log {
  const fail: Log["error"] = (fields, message) => {
    throw new Error(`${message} ${JSON.stringify(fields)}`);
  };
  return { debug: () => undefined, info: () => undefined, warn: fail, error: fail };
}
