import { printObject } from "./base/object-name.ts";
import type { Clock, Log } from "./base/ports.ts";
import type { ObjectRef } from "./base/problem.ts";
import { settleDown } from "./base/settle-down.ts";

/** A directory that is replaced changes thousands of objects: one line says so, and names some. */
const MAX_NAMES = 5;

/** Says what was written, changed or removed, so that its author sees that it was read; what it led to is told by problems. */
export function tellChanged(changed: readonly ObjectRef[], log: Log): void {
  if (changed.length > 0) tellNames(changed.map(printObject), log);
}

/** Tells of changes that come one by one. */
export type ChangeTeller = {
  readonly changed: (refs: readonly ObjectRef[]) => void;
  readonly stop: () => void;
};

/** A cluster tells of each object by itself: those of a moment share a line. */
const QUIET = { quietMs: 100, ceilingMs: 1_000 };

/** Makes a teller. Of endpoints, which change constantly in a cluster, it says nothing: metrics do. */
export function createChangeTeller(clock: Clock, log: Log): ChangeTeller {
  let names = new Set<string>();
  const settling = settleDown(clock, QUIET, () => {
    tellNames([...names], log);
    names = new Set();
  });
  return {
    changed: (refs) => {
      const routed = refs.filter(({ kind }) => kind !== "EndpointSlice");
      for (const ref of routed) names.add(printObject(ref));
      if (routed.length > 0) settling.touch();
    },
    stop: settling.stop,
  };
}

function tellNames(names: readonly string[], log: Log): void {
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : "";
  log.info({ objects: names.length }, `changed: ${names.slice(0, MAX_NAMES).join(", ")}${more}`);
}
