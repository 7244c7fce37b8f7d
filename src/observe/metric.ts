import type { Figures } from "./figures.ts";
import type { LabelName } from "./labels.ts";

/** One number of a metric, under one value of each of its labels. */
export type Sample = { readonly labels: Readonly<Partial<Record<LabelName, string>>>; readonly value: number };

/** One counter or gauge of /metrics. The reference is generated from these rows. */
export type Metric = {
  /** As Prometheus recommends: the unit in base units, and `_total` behind a counter. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly labels: readonly LabelName[];
  /** What the figures say; no sample where there is nothing to say yet. A metric with thousands yields them one by one. */
  readonly collect: (figures: Figures) => Iterable<Sample>;
};

/** Null where there is no number yet. */
type Read = (figures: Figures) => number | null;

/** A counter without labels. */
export function counter(name: string, help: string, read: Read): Metric {
  return { name, help, type: "counter", labels: [], collect: (figures) => single(read(figures)) };
}

/** A gauge without labels. */
export function gauge(name: string, help: string, read: Read): Metric {
  return { name, help, type: "gauge", labels: [], collect: (figures) => single(read(figures)) };
}

/** Milliseconds as the seconds that Prometheus counts in. */
export function seconds(ms: number): number;
export function seconds(ms: number | null): number | null;
export function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

function single(value: number | null): readonly Sample[] {
  return value === null ? [] : [{ labels: {}, value }];
}
