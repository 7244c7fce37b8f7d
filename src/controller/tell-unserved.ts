import type { Log } from "../base/ports.ts";
import type { ObjectRef } from "../base/problem.ts";

/** A directory full of another controller's objects is told in as many lines, and a count. */
const MAX_LINES = 20;

/** Told which routes are left to other controllers, it tells of each once. */
export type TellUnserved = (unserved: readonly ObjectRef[]) => void;

/**
 * Says once of each Ingress and WebSocketRoute that it is of a class that is not served here: where nobody else serves
 * it, its author wonders about a 404.
 */
export function createTellUnserved(log: Log): TellUnserved {
  let told: ReadonlySet<string> = new Set();
  return (unserved) => {
    const names = unserved.map(nameOf);
    const fresh = names.filter((name) => !told.has(name));
    told = new Set(names);
    for (const object of fresh.slice(0, MAX_LINES)) {
      log.info(
        { object },
        "not served: its class is not one of this installation (--ingress-class, --controller-name)",
      );
    }
    if (fresh.length > MAX_LINES) log.info({ more: fresh.length - MAX_LINES }, "more objects are not served");
  };
}

function nameOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace}/${name}`;
}
