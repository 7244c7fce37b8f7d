import type { Both, Flow } from "../base/endings.ts";
import { type Figures, TABLE_NAMES } from "./figures.ts";
import type { Metric, Sample } from "./metric.ts";
import { OVERLOAD_METRICS } from "./overload-metrics.ts";

/** Every metric, once. Nothing counts into these: a scrape reads plain counters that their owners keep. */
export const METRICS: readonly Metric[] = [
  gauge("fairlead_ready", "1 from the first full table until the first signal, else 0.", ({ ready }) => Number(ready)),

  gauge("fairlead_connections_open", "WebSockets that are open.", ({ connections }) => connections.open),
  gauge(
    "fairlead_connections_closing",
    "Of the open WebSockets, those to which goodbye has been said.",
    ({ connections }) => connections.closing,
  ),
  counter("fairlead_connections_opened_total", "WebSockets that were opened.", ({ connections }) => connections.total),
  {
    name: "fairlead_connections_ended_total",
    help: "WebSockets that have ended, by why and by whom.",
    type: "counter",
    labels: ["cause", "by"],
    collect: ({ outcomes }) =>
      [...outcomes.ended].flatMap(([cause, counts]) =>
        Object.entries(counts).map(([by, value]) => ({ labels: { cause, by }, value })),
      ),
  },
  counter(
    "fairlead_connections_unclean_total",
    "WebSockets that have ended with bytes undelivered, by a reset or by force.",
    ({ connections }) => connections.unclean,
  ),

  counterByDirection("fairlead_relay_bytes_total", "Bytes of relayed WebSockets.", (flow) => flow.bytes),
  counterByDirection("fairlead_relay_frames_total", "Frames of relayed WebSockets.", (flow) => flow.frames),
  counterByDirection("fairlead_relay_messages_total", "Messages of relayed WebSockets.", (flow) => flow.messages),
  {
    name: "fairlead_relay_queued_bytes",
    help: "Bytes that were read and wait for a slow reader.",
    type: "gauge",
    labels: ["direction"],
    collect: ({ relayed }) => byDirection(relayed, (flow) => flow.queuedBytes),
  },

  gauge(
    "fairlead_handshakes_in_flight",
    "Handshakes between request head and 101, refusal or answer.",
    ({ inFlight }) => inFlight.handshakes,
  ),
  gauge(
    "fairlead_requests_in_flight",
    "Ordinary requests that are being answered.",
    ({ inFlight }) => inFlight.requests,
  ),
  {
    name: "fairlead_requests_refused_total",
    help: "Handshakes and requests that Fairlead answered itself, by failure.",
    type: "counter",
    labels: ["failure"],
    collect: ({ outcomes }) => [...outcomes.refused].map(([failure, value]) => ({ labels: { failure }, value })),
  },
  {
    name: "fairlead_requests_answered_total",
    help: "Requests, and handshakes that were declined, that a backend answered over ordinary HTTP.",
    type: "counter",
    labels: ["class"],
    collect: ({ outcomes }) => [...outcomes.answered].map(([name, value]) => ({ labels: { class: name }, value })),
  },
  counter(
    "fairlead_requests_incomplete_total",
    "Of the answered requests, those whose answer was cut short.",
    ({ outcomes }) => outcomes.incomplete,
  ),

  gauge("fairlead_table_routes", "Objects that route, in the table that is in use.", ({ table }) => table.routes),
  gauge("fairlead_table_problems", "Problems in what was written.", ({ table }) => table.problems),
  gauge("fairlead_table_age_seconds", "Since the routing table was last swapped.", ({ table }) => seconds(table.ageMs)),
  {
    name: "fairlead_swaps_total",
    help: "Swaps of a table for a newer one; none of them touches an open WebSocket.",
    type: "counter",
    labels: ["table"],
    collect: ({ swaps }) => TABLE_NAMES.map((table) => ({ labels: { table }, value: swaps[table] })),
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
  ...OVERLOAD_METRICS,

  counter("process_cpu_seconds_total", "User and system time of the process.", (figures) =>
    seconds(figures.process.cpuMs),
  ),
  gauge(
    "process_resident_memory_bytes",
    "Memory of the process that is resident.",
    (figures) => figures.process.residentBytes,
  ),
  gauge("process_start_time_seconds", "When the process started, since the Unix epoch.", (figures) =>
    seconds(figures.process.startedAtMs),
  ),
];

/** Null where there is no number yet. */
type Read = (figures: Figures) => number | null;

function counter(name: string, help: string, read: Read): Metric {
  return { name, help, type: "counter", labels: [], collect: (figures) => single(read(figures)) };
}

function gauge(name: string, help: string, read: Read): Metric {
  return { name, help, type: "gauge", labels: [], collect: (figures) => single(read(figures)) };
}

function counterByDirection(name: string, help: string, read: (flow: Flow) => number): Metric {
  return { name, help, type: "counter", labels: ["direction"], collect: ({ relayed }) => byDirection(relayed, read) };
}

function single(value: number | null): readonly Sample[] {
  return value === null ? [] : [{ labels: {}, value }];
}

function byDirection({ client, backend }: Both<Flow>, read: (flow: Flow) => number): readonly Sample[] {
  return [
    { labels: { direction: "in" }, value: read(client) },
    { labels: { direction: "out" }, value: read(backend) },
  ];
}

function seconds(ms: number): number;
function seconds(ms: number | null): number | null;
function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}
