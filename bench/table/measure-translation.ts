import type { View } from "../../src/api/view.ts";
import { finish } from "../../src/base/work.ts";
import { createTranslator } from "../../src/translate/translator.ts";
import { type Figure, inUnit, quantile } from "./figures.ts";
import { makeApplication, makeSlice, makeView } from "./make-objects.ts";
import { OPTIONS } from "./options.ts";

const ROUNDS = 7;

/** What translation itself costs in CPU time, from nothing and after a change: no waiting, no slices, no other work. */
export function measureTranslation(routes: number): readonly Figure[] {
  const applications = Array.from({ length: routes }, (_, index) => makeApplication(index));
  const first = makeView(applications);
  const scratch: number[] = [];
  const edited: number[] = [];
  const endpoints: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const translator = createTranslator(OPTIONS);
    const translate = (view: View): void =>
      void finish(translator.translateEndpoints(view, finish(translator.translateRoutes(view))));
    scratch.push(cpuOf(() => translate(first)));
    const index = round * 2;
    const route = makeApplication(index, "9s").route;
    const second = { ...first, webSocketRoutes: first.webSocketRoutes.with(index / 2, route as never) };
    edited.push(cpuOf(() => translate(second)));
    const known = finish(translator.translateRoutes(second));
    const { metadata } = makeApplication(index).slice;
    const slice = makeSlice({ namespace: metadata.namespace ?? "", name: metadata.name }, index, false);
    const third = { ...second, endpointSlices: second.endpointSlices.with(index, slice) };
    endpoints.push(cpuOf(() => void finish(translator.translateEndpoints(third, known))));
  }
  return [
    { what: `${routes} routes from nothing`, value: describe(scratch), target: "below 500 ms" },
    { what: "the same after one route changed", value: describe(edited) },
    { what: "their endpoints after one changed", value: describe(endpoints) },
  ];
}

function cpuOf(work: () => void): number {
  const start = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1_000;
}

function describe(samples: readonly number[]): string {
  return `${inUnit(quantile(samples, 0.5), "ms")} median, ${inUnit(Math.max(...samples), "ms")} at most`;
}
