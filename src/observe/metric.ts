import type { Figures } from "./figures.ts";
import type { LabelName } from "./labels.ts";

/** One number of a metric, under one value of each of its labels. */
export type Sample = { readonly labels: Readonly<Partial<Record<LabelName, string>>>; readonly value: number };

/** One metric of /metrics. The reference is generated from these rows. */
export type Metric = {
  /** As Prometheus recommends: the unit in base units, and `_total` behind a counter. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly labels: readonly LabelName[];
  /** What the figures say; no sample where there is nothing to say yet. */
  readonly collect: (figures: Figures) => readonly Sample[];
};
