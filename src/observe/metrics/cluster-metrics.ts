import { type KindFigures, WATCH_STATES, type WatchState } from "../../base/cluster-figures.ts";
import { type Metric, type Sample, seconds } from "../metric.ts";

/** How the API server is read; none of these is there where a directory is served. */
export const CLUSTER_METRICS: readonly Metric[] = [
  {
    name: "fairlead_kube_objects",
    help: "Objects that are kept, by kind.",
    type: "gauge",
    labels: ["watched"],
    collect: ({ kinds }) => kinds.map(({ kind, objects }) => ({ labels: { watched: kind }, value: objects })),
  },
  {
    name: "fairlead_kube_watch_state",
    help: "1 for the state that the reading of a kind is in, else 0.",
    type: "gauge",
    labels: ["watched", "watch_state"],
    collect: ({ kinds }) => kinds.flatMap(statesOf),
  },
  {
    name: "fairlead_kube_last_event_age_seconds",
    help: "Since the API server last gave a sign of life about a kind: an event, a bookmark, a list, or an answer about a Secret.",
    type: "gauge",
    labels: ["watched"],
    collect: ({ kinds }) =>
      kinds.flatMap(({ kind, eventAgeMs }) =>
        eventAgeMs === null ? [] : [{ labels: { watched: kind }, value: seconds(eventAgeMs) }],
      ),
  },
  {
    name: "fairlead_kube_lists_total",
    help: "Times that a kind was listed in full, by reason.",
    type: "counter",
    labels: ["watched", "list_reason"],
    collect: ({ kinds }) => kinds.flatMap(({ kind, lists }) => counted(kind, "list_reason", lists)),
  },
  {
    name: "fairlead_kube_failures_total",
    help: "Requests to the API server that failed, and watches that ended as they must not, by reason.",
    type: "counter",
    labels: ["watched", "api_failure"],
    collect: ({ kinds }) => kinds.flatMap(({ kind, failures }) => counted(kind, "api_failure", failures)),
  },
  {
    name: "fairlead_kube_missed_events_total",
    help: "Changes that a list showed although the watch should have told of them before.",
    type: "counter",
    labels: ["watched"],
    collect: ({ kinds }) => kinds.map(({ kind, missed }) => ({ labels: { watched: kind }, value: missed })),
  },
];

function statesOf({ kind, state }: KindFigures): readonly Sample[] {
  return (Object.keys(WATCH_STATES) as WatchState[]).map((each) => ({
    labels: { watched: kind, watch_state: each },
    value: Number(each === state),
  }));
}

function counted(kind: string, label: "list_reason" | "api_failure", counts: ReadonlyMap<string, number>): Sample[] {
  return [...counts].map(([name, value]) => ({ labels: { watched: kind, [label]: name }, value }));
}
