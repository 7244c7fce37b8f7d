import type { View } from "../api/view.ts";
import type { ObjectRef } from "../base/problem.ts";
import { visit, type Work } from "../base/work.ts";
import { readClasses } from "./classes.ts";
import type { Report } from "./findings.ts";
import { sourceOfIngress } from "./ingress.ts";
import { indexByName, type NameIndex } from "./lookup.ts";
import { type Dated, refOf } from "./order.ts";
import type { Source } from "./source.ts";
import type { ClassOptions } from "./translation.ts";
import { sourceOfRoute } from "./websocket-route.ts";

/** An object that routes, and how it is rewritten into the one shape that is translated. */
export type Routing = { readonly object: Dated; readonly read: (report: Report) => Source };

/** The objects that route, told apart by whether this installation serves them. */
export type Routings = {
  readonly served: readonly Routing[];
  /** Those of classes that are left to other controllers. */
  readonly unserved: readonly ObjectRef[];
  readonly indexes: RoutingIndexes;
};

type RoutingIndexes = {
  readonly routes: NameIndex<View["webSocketRoutes"][number]>;
  readonly ingresses: NameIndex<View["ingresses"][number]>;
};

/** Finds every object that this installation serves. */
export function* findRoutings(view: View, options: ClassOptions, before: Routings): Work<Routings> {
  const classes = readClasses(view, options);
  const routes = yield* indexByName(view.webSocketRoutes, before.indexes.routes);
  const ingresses = yield* indexByName(view.ingresses, before.indexes.ingresses);
  const served: Routing[] = [];
  const unserved: ObjectRef[] = [];
  yield* visit(routes.byName.values(), (object) => {
    if (classes.servesRoute(object)) served.push({ object, read: (report) => sourceOfRoute(object, report) });
    else unserved.push(refOf(object));
  });
  yield* visit(ingresses.byName.values(), (object) => {
    if (classes.servesIngress(object)) served.push({ object, read: (report) => sourceOfIngress(object, report) });
    else unserved.push(refOf(object));
  });
  return { served, unserved, indexes: { routes, ingresses } };
}
