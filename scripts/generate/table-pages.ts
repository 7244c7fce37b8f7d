import { CAUSES } from "../../src/base/endings.ts";
import { FAILURES, type Failure, type RetryAfter } from "../../src/base/failures.ts";
import { type Flag, SERVE_FLAGS } from "../../src/config/flags.ts";
import { ACCESS_FIELDS, OUTCOMES } from "../../src/observe/access-fields.ts";
import { MAX_METRIC_SERIES, MAX_SCRAPES } from "../../src/observe/exposition.ts";
import { HISTOGRAMS, type HistogramRow } from "../../src/observe/histograms.ts";
import { LABELS, type Label } from "../../src/observe/labels.ts";
import { LINE_LIMITS } from "../../src/observe/line-budget.ts";
import { METRICS } from "../../src/observe/metrics.ts";
import { code, origin, writePage, writeTable } from "./markdown.ts";

/** docs/reference/failures.md: every way in which a request can fail, and what it is answered with. */
export function writeFailures(): string {
  const rows = Object.entries<Failure>(FAILURES).map(([name, row]) => [
    code(name),
    row.status === 0 ? "none" : String(row.status),
    row.fault,
    row.title,
    row.retryAfter === undefined ? "" : writeRange(row.retryAfter),
  ]);
  return writePage([
    origin("src/base/failures.ts"),
    "# Failures",
    "Every way in which a request, or the connection that it would have come by, fails before its 101 or its response. Without a status the connection is closed. The name is the field `failure` of the access log and a metric label.",
    writeTable(["Failure", "Status", "At fault", "Body", "Retry-After"], rows),
    "After the 101 a connection ends with exactly one cause, the field `cause` of the access log:",
    CAUSES.map((cause) => code(cause)).join(", "),
  ]);
}

function writeRange({ least, most }: RetryAfter): string {
  return least === most ? `${least} s` : `${least} to ${most} s`;
}

/** docs/reference/flags.md: the command line of `fairlead serve`. */
export function writeFlags(): string {
  const rows = SERVE_FLAGS.map((flag: Flag) => [
    code(flag.usage),
    flag.default === null ? "" : code(flag.default),
    flag.meaning,
  ]);
  return writePage([
    origin("src/config/flags.ts"),
    "# Flags of `fairlead serve`",
    "Every mistake on the command line is reported at once, and nothing is started.",
    writeTable(["Flag", "Default", "Meaning"], rows),
  ]);
}

/** docs/reference/metrics.md: what /metrics of the admin address tells. */
export function writeMetrics(): string {
  const metrics = METRICS.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(", "), help]);
  const histograms = Object.values<HistogramRow>(HISTOGRAMS).map(({ name, labels, buckets, help }) => [
    code(name),
    labels.map(code).join(", "),
    buckets.map(writeSeconds).join(", "),
    help,
  ]);
  const labels = Object.entries<Label>(LABELS).map(([name, { meaning, values }]) => [
    code(name),
    meaning,
    values === null ? "" : values.map(code).join(", "),
  ]);
  return writePage([
    origin("src/observe/metrics.ts, src/observe/histograms.ts and src/observe/labels.ts"),
    "# Metrics",
    "`/metrics` of the admin address, in the text format of Prometheus 0.0.4 or, for who asks for it, OpenMetrics 1.0.0. Totals are since the start of the process. What to ask of them: [monitoring.md](../monitoring.md).",
    "## Counters and gauges",
    writeTable(["Metric", "Type", "Labels", "Meaning"], metrics),
    "## Histograms",
    "Each has `_bucket` with the label `le`, `_sum` and `_count`. `fairlead_handshake_duration_seconds_count` is the number of handshakes by outcome, `fairlead_translation_duration_seconds_count` that of translations by result.",
    writeTable(["Metric", "Labels", "Buckets up to", "Meaning"], histograms),
    "## Labels",
    "A label with values here has no others, and each of its series is there from the start, at 0: no client can add one, and a rate needs no first event. The exceptions are metrics by rule, of which failures (an `outcome` other than `accepted`) and ends have a series from their first on, and waiting bytes while any wait. The other labels hold names of served objects: never a path, a client or an endpoint.",
    writeTable(["Label", "Meaning", "Values"], labels),
    "## How many series",
    `A rule (\`kind\`, \`namespace\`, \`route\`, \`rule\`) has series while a table names it, and after that until its last WebSocket has ended; then they go. Its figures outlive every swap of tables in between. Each metric has at most ${MAX_METRIC_SERIES.toLocaleString("en").replaceAll(",", " ")} series: what is beyond is left out, of certificates those that end last, and \`fairlead_metrics_series_omitted\` says how many. Metrics without the label \`rule\` stay whole: they do not sum up the others. At most ${MAX_SCRAPES} scrapes are under way at a time; another is answered 503.`,
  ]);
}

function writeSeconds(value: number): string {
  if (value < 1) return `${value * 1_000} ms`;
  if (value < 60) return `${value} s`;
  if (value < 3_600) return `${value / 60} min`;
  return value < 86_400 ? `${value / 3_600} h` : `${value / 86_400} d`;
}

/** docs/reference/access-log.md: every field of the access log's lines. */
export function writeAccessLog(): string {
  const fields = ACCESS_FIELDS.map(({ name, type, outcomes, meaning }) => [
    code(name),
    type,
    outcomes.length === Object.keys(OUTCOMES).length ? "all" : outcomes.map(code).join(", "),
    meaning,
  ]);
  return writePage([
    origin("src/observe/access-fields.ts"),
    "# Access log",
    "One line for each handshake and each plain request: a WebSocket's when it ends, a refusal's and an answer's when it is answered. With `--log-format json` a line is one JSON object with exactly the fields below, between `level` and `time` before them and `msg`, the same as a sentence, behind them; with `pretty` it is that sentence. `--access-log` chooses which lines are written. [Who closed my socket, and why](../who-closed-my-socket.md) shows how to ask.",
    writeTable(
      ["Outcome", "What it is"],
      Object.entries(OUTCOMES).map(([name, meaning]) => [code(name), meaning]),
    ),
    "## Fields",
    writeTable(["Field", "Type or unit", "In lines of", "Meaning"], fields),
    "## What is never in it",
    "Queries, header values, credentials, and what is in messages and Close reasons. Text that comes from a client is escaped (control characters, line and paragraph separators, marks that turn the direction of writing) and cut at 1 KiB: 1024 bytes of UTF-8 after escaping, the mark `…` included.",
    "## Limits",
    `Of each kind of refusal (the field \`failure\`) ${LINE_LIMITS.burst} lines are written at once, and then ${LINE_LIMITS.perSecond} a second: whoever is refused decides how often. What is left out is said every 10 s in one line with a count for each kind, and counted by \`fairlead_log_lines_suppressed_total\`; \`fairlead_requests_refused_total\` counts all of them. Lines of what was relayed or answered are never left out. Only when whoever reads the log stands still, and 16 MiB wait for it, are lines of every kind lost; then \`fairlead_log_lines_lost_total\` counts them, and the first line after that says how many.`,
  ]);
}
