import type { Metric } from "./metric.ts";
import { CLUSTER_METRICS } from "./metrics/cluster-metrics.ts";
import { CONNECTION_METRICS } from "./metrics/connection-metrics.ts";
import { OVERLOAD_METRICS } from "./metrics/overload-metrics.ts";
import { PROCESS_METRICS } from "./metrics/process-metrics.ts";
import { ROUTE_METRICS } from "./metrics/route-metrics.ts";
import { TABLE_METRICS } from "./metrics/table-metrics.ts";

/**
 * Every counter and gauge, once, in the order of a scrape: what was left out is said last. Nothing counts into these: a
 * scrape reads plain numbers that their owners keep. What is spread over buckets is in HISTOGRAMS.
 */
export const METRICS: readonly Metric[] = [
  ...TABLE_METRICS,
  ...CLUSTER_METRICS,
  ...CONNECTION_METRICS,
  ...OVERLOAD_METRICS,
  ...ROUTE_METRICS,
  ...PROCESS_METRICS,
];
