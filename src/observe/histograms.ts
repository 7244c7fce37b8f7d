import { Histogram, type OpenMetricsContentType, Registry, type RegistryContentType } from "prom-client";
import type { ExpositionFormat } from "./exposition-format.ts";
import { LABELS, type LabelName } from "./labels.ts";

/** A histogram of /metrics. None has a label that authors of routes can give values to: each value costs all the buckets. */
export type HistogramRow = {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly LabelName[];
  /** Upper bounds, in seconds. */
  readonly buckets: readonly number[];
};

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Every histogram, once. */
export const HISTOGRAMS = {
  handshake: {
    name: "fairlead_handshake_duration_seconds",
    help: "From a handshake's head to its 101, refusal or the backend's own answer.",
    labels: ["outcome", "listener"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  connection: {
    name: "fairlead_connection_duration_seconds",
    help: "From the 101 of a WebSocket to its end, of those that have ended.",
    labels: ["listener"],
    buckets: [1, 10, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY],
  },
  translation: {
    name: "fairlead_translation_duration_seconds",
    help: "From objects that have changed to tables that are in use; of one that failed the last good tables stay.",
    labels: ["scope", "result"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  eventLoopDelay: {
    name: "fairlead_event_loop_delay_seconds",
    help: "How long an event waits until the event loop handles it, sampled ten times a second.",
    labels: [],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
} as const satisfies Record<string, HistogramRow>;

/** The name of a row of HISTOGRAMS. */
export type HistogramName = keyof typeof HISTOGRAMS;

/** A value for each label of a histogram. */
export type HistogramLabels<Name extends HistogramName> = Readonly<
  Record<(typeof HISTOGRAMS)[Name]["labels"][number], string>
>;

/** The histograms of one Fairlead. */
export type Histograms = {
  readonly observe: <Name extends HistogramName>(name: Name, ms: number, labels: HistogramLabels<Name>) => void;
  /** One histogram as Prometheus reads it, without the newline at its end. */
  readonly write: (name: HistogramName, format: ExpositionFormat) => Promise<string>;
};

/** Makes histograms in which every series is there, at 0. */
export function createHistograms(): Histograms {
  const registries = { text: new Registry(), openmetrics: new Registry<OpenMetricsContentType>() };
  registries.openmetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const both = Object.values(registries);
  const made = new Map(Object.entries(HISTOGRAMS).map(([name, row]) => [name, makeHistogram(row, both)]));
  return {
    observe: (name, ms, labels) => made.get(name)?.observe(labels, ms / 1_000),
    write: (name, format) => registries[format].getSingleMetricAsString(HISTOGRAMS[name].name),
  };
}

function makeHistogram(
  { name, help, labels, buckets }: HistogramRow,
  registers: Registry<RegistryContentType>[],
): Histogram {
  const histogram = new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers });
  for (const values of combinations(labels)) histogram.zero(values);
  return histogram;
}

function combinations(labels: readonly LabelName[]): readonly Record<string, string>[] {
  return labels.reduce<readonly Record<string, string>[]>(
    (before, label) =>
      before.flatMap((values) => (LABELS[label].values ?? []).map((value) => ({ ...values, [label]: value }))),
    [{}],
  );
}
