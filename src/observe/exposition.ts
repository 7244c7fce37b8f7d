import { Counter, Gauge, Registry } from "prom-client";
import type { Figures } from "./figures.ts";
import type { Metric } from "./metric.ts";
import { METRICS } from "./metrics.ts";

/** The metrics as Prometheus reads them, in its text format 0.0.4. */
export type Exposition = {
  readonly contentType: string;
  /** Reads the figures once, and writes every metric of METRICS. */
  readonly write: () => Promise<string>;
};

/** Makes an exposition with a registry of its own: several in one process share nothing. */
export function createExposition(read: () => Figures): Exposition {
  const registry = new Registry();
  let figures: Figures | null = null;
  for (const metric of METRICS) registry.registerMetric(collector(metric, () => figures));
  return {
    contentType: registry.contentType,
    write: () => {
      figures = read();
      // Every metric is collected before this returns, so that all speak of the same moment.
      const text = registry.metrics();
      figures = null;
      return text;
    },
  };
}

function collector(metric: Metric, figures: () => Figures | null): Counter | Gauge {
  const { name, help, labels: labelNames } = metric;
  const samples = (): ReturnType<Metric["collect"]> => {
    const now = figures();
    return now === null ? [] : metric.collect(now);
  };
  // Without an empty list they would enter the registry that the package keeps for everybody.
  const options = { name, help, labelNames, registers: [] };
  if (metric.type === "counter") {
    return new Counter({
      ...options,
      collect() {
        this.reset();
        for (const { labels, value } of samples()) this.inc(labels, value);
      },
    });
  }
  return new Gauge({
    ...options,
    collect() {
      this.reset();
      const found = samples();
      // A gauge without labels is 0 from its reset on, which is not the same as unknown.
      if (labelNames.length === 0 && found.length === 0) this.remove();
      for (const { labels, value } of found) this.set(labels, value);
    },
  });
}
