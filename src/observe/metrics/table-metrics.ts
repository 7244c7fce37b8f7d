import { TABLE_NAMES } from "../figures.ts";
import { gauge, type Metric, seconds } from "../metric.ts";

/** What is served, and what stands in the way. */
export const TABLE_METRICS: readonly Metric[] = [
  gauge("fairlead_ready", "1 from the first full table until the first signal, else 0.", ({ ready }) => Number(ready)),
  gauge("fairlead_table_routes", "Objects that route, in the table that is in use.", ({ table }) => table.routes),
  {
    name: "fairlead_problems",
    help: "Problems in what was written, by reason.",
    type: "gauge",
    labels: ["reason"],
    collect: ({ table }) => [...table.problems].map(([reason, value]) => ({ labels: { reason }, value })),
  },
  {
    name: "fairlead_table_age_seconds",
    help: "Since each of the tables was last swapped.",
    type: "gauge",
    labels: ["table"],
    collect: ({ ages }) =>
      TABLE_NAMES.flatMap((table) => {
        const age = seconds(ages[table]);
        return age === null ? [] : [{ labels: { table }, value: age }];
      }),
  },
  {
    name: "fairlead_swaps_total",
    help: "Swaps of a table for a newer one; none of them touches an open WebSocket.",
    type: "counter",
    labels: ["table"],
    collect: ({ swaps }) => TABLE_NAMES.map((table) => ({ labels: { table }, value: swaps[table] })),
  },
  {
    name: "fairlead_certificate_expiry_timestamp_seconds",
    help: "When a certificate that TLS clients are shown ends, since the Unix epoch.",
    type: "gauge",
    labels: ["host", "secret"],
    collect: ({ certificates }) =>
      certificates.map(({ host, secret, notAfterMs }) => ({ labels: { host, secret }, value: seconds(notAfterMs) })),
  },
];
