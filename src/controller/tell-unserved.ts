import type { View } from "../api/view.ts";
import type { Log } from "../base/ports.ts";
import type { ObjectRef } from "../base/problem.ts";
import type { ObjectStatus } from "../translate/translation.ts";

/** A directory full of another controller's objects is told in as many lines, and a count. */
const MAX_LINES = 20;

/** Told what was translated, it tells which routes were left to other controllers. */
export type TellUnserved = (view: View, statuses: readonly ObjectStatus[]) => void;

/**
 * Says once of each Ingress and WebSocketRoute that it is of a class that is not served here: where nobody else serves
 * it, its author wonders about a 404.
 */
export function createTellUnserved(log: Log): TellUnserved {
  let told: ReadonlySet<string> = new Set();
  return (view, statuses) => {
    const unserved = unservedRoutes(view, statuses).map(nameOf);
    const fresh = unserved.filter((name) => !told.has(name));
    told = new Set(unserved);
    for (const object of fresh.slice(0, MAX_LINES)) {
      log.info(
        { object },
        "not served: its class is not one of this installation (--ingress-class, --controller-name)",
      );
    }
    if (fresh.length > MAX_LINES) log.info({ more: fresh.length - MAX_LINES }, "more objects are not served");
  };
}

/** The Ingresses and WebSocketRoutes that were left to other controllers. */
export function unservedRoutes(view: View, statuses: readonly ObjectStatus[]): readonly ObjectRef[] {
  const served = new Set(statuses.map(({ object }) => nameOf(object)));
  return refsOf(view).filter((object) => !served.has(nameOf(object)));
}

function refsOf({ ingresses, webSocketRoutes }: View): readonly ObjectRef[] {
  return [...ingresses, ...webSocketRoutes].map(({ kind, metadata: { namespace = "", name } }) => {
    return { kind, namespace, name };
  });
}

function nameOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace}/${name}`;
}
