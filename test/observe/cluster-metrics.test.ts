import { expect, it } from "vitest";
import type { KindFigures } from "../../src/base/cluster-figures.ts";
import { CLUSTER_METRICS } from "../../src/observe/metrics/cluster-metrics.ts";
import { makeFigures } from "./make-figures.ts";

const INGRESS: KindFigures = {
  kind: "Ingress",
  state: "failing",
  explanation: "the API server cannot be reached (ECONNREFUSED)",
  objects: 12,
  eventAgeMs: 1_500,
  lists: new Map([["start", 1]]),
  failures: new Map([["unreachable", 4]]),
  missed: 2,
};

/** The samples as Prometheus would show them, without the common prefix. */
function collect(kinds: readonly KindFigures[]): readonly string[] {
  return CLUSTER_METRICS.flatMap((metric) =>
    [...metric.collect(makeFigures({ kinds }))].map(({ labels, value }) => {
      const shown = Object.entries(labels).map(([name, text]) => `${name}=${text}`);
      return `${metric.name.replace("fairlead_kube_", "")} ${shown.join(" ")} ${value}`;
    }),
  );
}

it("metrics of a cluster say how each kind stands, and nothing where a directory is served", () => {
  expect(collect([])).toEqual([]);
  expect(collect([INGRESS])).toEqual([
    "objects watched=Ingress 12",
    "watch_state watched=Ingress watch_state=waiting 0",
    "watch_state watched=Ingress watch_state=synced 0",
    "watch_state watched=Ingress watch_state=failing 1",
    "watch_state watched=Ingress watch_state=forbidden 0",
    "watch_state watched=Ingress watch_state=absent 0",
    "last_event_age_seconds watched=Ingress 1.5",
    "lists_total watched=Ingress list_reason=start 1",
    "failures_total watched=Ingress api_failure=unreachable 4",
    "missed_events_total watched=Ingress 2",
  ]);
  expect(collect([{ ...INGRESS, eventAgeMs: null }]).some((line) => line.startsWith("last_event_age"))).toBe(false);
});
