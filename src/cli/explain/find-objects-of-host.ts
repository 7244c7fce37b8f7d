import type { Ingress } from "../../api/core.ts";
import type { View } from "../../api/view.ts";
import type { WebSocketRoute } from "../../api/websocket-route.ts";
import { printObject } from "../../base/object-name.ts";
import { type ObjectRef } from "../../base/problem.ts";
import { coversHost } from "../../translate/hosts.ts";
import { sourceOfIngress } from "../../translate/ingress.ts";
import { compareRefs, refOf } from "../../translate/order.ts";
import type { Source } from "../../translate/source.ts";
import { sourceOfRoute } from "../../translate/websocket-route.ts";

/** The objects that have a rule for a host, those of other classes apart. */
export type ObjectsOfHost = { readonly served: readonly ObjectRef[]; readonly unserved: readonly ObjectRef[] };

/** Finds who names a host, or a pattern that covers it. `sources` are the objects that are served. */
export function findObjectsOfHost(host: string, view: View, sources: readonly Source[]): ObjectsOfHost {
  const served = new Set(sources.map(({ object }) => printObject(refOf(object))));
  const others = <Kind extends Ingress | WebSocketRoute>(
    objects: readonly Kind[],
    read: (object: Kind, report: () => void) => Source,
  ): readonly Source[] =>
    // What is wrong with them is not ours to report.
    objects.filter((object) => !served.has(printObject(refOf(object)))).map((object) => read(object, () => {}));
  return {
    served: refsFor(host, sources),
    unserved: refsFor(host, [
      ...others(view.webSocketRoutes, sourceOfRoute),
      ...others(view.ingresses, sourceOfIngress),
    ]),
  };
}

function refsFor(name: string, sources: readonly Source[]): readonly ObjectRef[] {
  return sources
    .filter(({ rules }) =>
      rules.some(
        ({ hosts, rank }) => rank === "fallback" || hosts.some((host) => coversHost(host, { type: "exact", name })),
      ),
    )
    .map(({ object }) => refOf(object))
    .toSorted(compareRefs);
}
