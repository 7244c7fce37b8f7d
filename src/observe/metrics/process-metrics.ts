import { counter, gauge, type Metric, seconds } from "../metric.ts";
import { SPAN_FATES } from "../span-queue.ts";

/** The process, under the names that dashboards for other programs use too. */
export const PROCESS_METRICS: readonly Metric[] = [
  {
    name: "fairlead_build_info",
    help: "Always 1.",
    type: "gauge",
    labels: ["version", "node"],
    collect: ({ version, process }) => [{ labels: { version, node: process.nodeVersion }, value: 1 }],
  },
  counter(
    "fairlead_log_lines_suppressed_total",
    "Lines that were not logged because too many of one kind came at once; a line says how many.",
    ({ log }) => log.leftOut,
  ),
  counter(
    "fairlead_log_lines_lost_total",
    "Lines that were thrown away because the reader of the log did not keep up.",
    ({ log }) => log.lost,
  ),
  {
    name: "fairlead_trace_spans_total",
    help: "Spans of handshakes that were sampled, by what became of them; 0 unless --tracing-endpoint is given.",
    type: "counter",
    labels: ["fate"],
    collect: ({ spans }) => SPAN_FATES.map((fate) => ({ labels: { fate }, value: spans[fate] })),
  },
  counter(
    "fairlead_event_loop_active_seconds_total",
    "Time in which the event loop was not waiting; its rate is the share of one core that is in use, and 1 is full.",
    ({ process }) => seconds(process.loopActiveMs),
  ),
  counter("process_cpu_seconds_total", "User and system time of the process.", ({ process }) => seconds(process.cpuMs)),
  gauge(
    "process_resident_memory_bytes",
    "Memory of the process that is resident.",
    ({ process }) => process.residentBytes,
  ),
  gauge("process_open_fds", "File descriptors that are open.", ({ process }) => process.openFds),
  gauge("process_max_fds", "File descriptors that may be open.", ({ process }) => process.maxFds),
  gauge("process_start_time_seconds", "When the process started, since the Unix epoch.", ({ process }) =>
    seconds(process.startedAtMs),
  ),
  gauge("nodejs_heap_size_total_bytes", "Memory that the heap has.", ({ process }) => process.heapTotalBytes),
  gauge("nodejs_heap_size_used_bytes", "Memory of the heap that is in use.", ({ process }) => process.heapUsedBytes),
  gauge(
    "nodejs_external_memory_bytes",
    "Memory outside the heap that belongs to its objects, such as buffers.",
    ({ process }) => process.externalBytes,
  ),
  counter(
    "fairlead_metrics_scrapes_refused_total",
    "Scrapes that were refused because too many were under way.",
    ({ scrape }) => scrape.refused,
  ),
  gauge(
    "fairlead_metrics_series_omitted",
    "Series that were left out of this scrape, because their metric has too many; above zero the tables of routes are not whole.",
    ({ scrape }) => scrape.omitted,
  ),
];
