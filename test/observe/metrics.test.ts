import { describe, expect, it } from "vitest";
import { CAUSES } from "../../src/base/endings.ts";
import { CLOSE_CODES, closeCode } from "../../src/observe/close-codes.ts";
import { HISTOGRAMS, type HistogramRow } from "../../src/observe/histograms.ts";
import { LABELS, type Label, type LabelName } from "../../src/observe/labels.ts";
import { METRICS } from "../../src/observe/metrics.ts";
import { createOutcomeCounter } from "../../src/observe/outcomes.ts";
import { createRouteLedger } from "../../src/observe/route-ledger.ts";
import { makeFigures } from "./make-figures.ts";
import { answered, END, FLOW, HEAD, refused, relayed } from "./make-report.ts";
import { readExposition } from "./read-exposition.ts";
import { partsOf, scrapeText } from "./scrape-text.ts";

const ROWS: readonly {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly LabelName[];
}[] = [...METRICS, ...Object.values<HistogramRow>(HISTOGRAMS).map((row) => ({ ...row, type: "histogram" }))];

/** Metrics whose series are the rules and certificates that are served, or the kinds that are read. */
const OPEN = METRICS.filter(({ labels }) => labels.some((label) => LABELS[label].values === null));

function closedValues(label: LabelName): readonly string[] {
  return (LABELS[label] as Label).values ?? [];
}

describe("the table of metrics", () => {
  // https://prometheus.io/docs/practices/naming/
  it.each(ROWS)("names $name as Prometheus recommends", ({ name, type, help, labels }) => {
    expect(name).toMatch(/^(?:fairlead|process|nodejs)(?:_[a-z]+)+$/u);
    expect(name.endsWith("_total")).toBe(type === "counter");
    expect(name).not.toMatch(/_(?:ms|milliseconds|minutes|kib|kilobytes|count|sum|bucket)(?:_|$)/u);
    expect(name.endsWith("_seconds") || type !== "histogram").toBe(true);
    // What must be escaped differs between the formats.
    expect(help).toMatch(/^[^\n\\"]+[.]$/u);
    // But a metric of each route, or table, says of what it is.
    for (const label of labels.filter((each) => each !== "route" && each !== "table")) {
      expect(name.split("_")).not.toContain(label);
    }
  });

  it("has every name once", () => {
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
  });

  it("uses every label", () => {
    const used = new Set(ROWS.flatMap(({ labels }) => labels));
    expect(Object.keys(LABELS).filter((label) => !used.has(label as LabelName))).toEqual([]);
  });

  it.each(METRICS.filter((metric) => !OPEN.includes(metric)))(
    "gives $name every value of its labels from the start",
    ({ labels, collect, name }) => {
      const outcomes = createOutcomeCounter();
      const ages = { routing: 1, endpoints: 1, certificates: 1 };
      const problems = new Map(closedValues("reason").map((reason) => [reason, 0]));
      const process = { ...makeFigures().process, openFds: 1, maxFds: 1 };
      const samples = [
        ...collect(makeFigures({ outcomes: outcomes.outcomes(), ages, process, table: { routes: 0, problems } })),
      ];
      const size = labels.reduce((product, label) => product * closedValues(label).length, 1);
      expect([name, samples.length]).toEqual([name, size]);
      for (const sample of samples) {
        expect(Object.keys(sample.labels).toSorted()).toEqual(labels.toSorted());
        for (const label of labels) expect(closedValues(label)).toContain(sample.labels[label]);
      }
    },
  );

  it("names objects in labels of metrics by rule or kind, of certificates and of the build alone", () => {
    expect(OPEN.map(({ name }) => name.replace(/^fairlead_/u, ""))).toEqual([
      "certificate_expiry_timestamp_seconds",
      "kube_objects",
      "kube_watch_state",
      "kube_last_event_age_seconds",
      "kube_lists_total",
      "kube_failures_total",
      "kube_missed_events_total",
      "route_connections_open",
      "route_handshakes_total",
      "route_connections_ended_total",
      "route_relay_bytes_total",
      "route_relay_messages_total",
      "route_relay_queued_bytes",
      "build_info",
    ]);
    for (const { labels } of Object.values<HistogramRow>(HISTOGRAMS)) {
      for (const label of labels) expect(closedValues(label)).not.toEqual([]);
    }
  });

  it("is of a size that no client can change", async () => {
    const counter = createOutcomeCounter();
    const ledger = createRouteLedger();
    const scrape = async (): Promise<readonly string[]> => {
      const text = await scrapeText(partsOf({ outcomes: counter.outcomes(), routes: [...ledger.accounts()] }));
      return text.split("\n").filter((line) => !line.startsWith("#"));
    };
    const before = (await scrape()).length;
    for (let status = 100; status < 1_000; status += 1) {
      const hostile = { path: `/${status}`, host: `${status}.example`, clientAddress: `10.0.0.${status}` };
      const received = { code: status * 10, reason: `${status}` };
      for (const report of [
        { ...answered(status), ...hostile, upgrade: true },
        { ...refused("NoRoute"), ...hostile, route: null },
        { ...relayed("client", "client"), ...hostile, sides: { client: { ...END, received }, backend: END } },
      ]) {
        counter.count(report);
        ledger.reported(report);
      }
    }
    expect((await scrape()).length).toBe(before);
    expect(before).toBeLessThan(600);
  });
});

describe("a scrape", () => {
  it("says what has been counted, and 0 where nothing has", async () => {
    const outcomes = createOutcomeCounter();
    const reports = [
      relayed("ping-timeout", "client"),
      relayed("ping-timeout", "client"),
      { ...relayed("drain", "proxy"), from: { client: FLOW, backend: { ...FLOW, undeliveredBytes: 7 } } },
      refused("NoRoute"),
      answered(204),
      { ...answered(299), complete: false },
      answered(999),
    ];
    for (const report of reports) outcomes.count(report);
    const text = await scrapeText(
      partsOf({
        ready: true,
        outcomes: outcomes.outcomes(),
        connections: { open: 4, closing: 1, total: 7, unclean: 2, strays: 0 },
        relayed: {
          client: { bytes: 10, frames: 3, messages: 2, queuedBytes: 0 },
          backend: { bytes: 20, frames: 0, messages: 0, queuedBytes: 5 },
        },
        table: { routes: 2, problems: new Map([["RouteConflict", 1]]) },
        ages: { routing: 1_500, endpoints: 20, certificates: null },
        swaps: { routing: 3, endpoints: 40, certificates: 1 },
        certificates: [{ host: "*.example.com", secret: "web/tls", notAfterMs: 1_800_000_000_000 }],
        log: { leftOut: 12, lost: 3 },
        process: { ...makeFigures().process, cpuMs: 2_250, startedAtMs: 1_700_000_000_123, openFds: 21 },
        scrape: { omitted: 0, refused: 0 },
      }),
    );
    const expected = `
fairlead_ready 1
fairlead_connections_open 4
fairlead_limit_used{resource="websockets"} 4
fairlead_limit{resource="websockets"} 4
fairlead_connections_opened_total 7
fairlead_connections_ended_total{cause="ping-timeout",by="client"} 2
fairlead_connections_ended_total{cause="ping-timeout",by="backend"} 0
fairlead_connections_ended_total{cause="drain",by="proxy"} 1
fairlead_close_codes_total{peer="client",way="sent",code="1012"} 3
fairlead_close_codes_total{peer="client",way="received",code="1006"} 3
fairlead_close_codes_total{peer="backend",way="sent",code="1001"} 3
fairlead_close_codes_total{peer="backend",way="sent",code="4xxx"} 0
fairlead_requests_refused_total{failure="NoRoute"} 1
fairlead_requests_refused_total{failure="Internal"} 0
fairlead_requests_answered_total{class="2xx"} 2
fairlead_requests_answered_total{class="other"} 1
fairlead_requests_incomplete_total 1
fairlead_relay_bytes_total{direction="in"} 10
fairlead_relay_bytes_total{direction="out"} 20
fairlead_relay_queued_bytes{direction="out"} 5
fairlead_relay_undelivered_bytes_total{direction="out"} 7
fairlead_problems{reason="RouteConflict"} 1
fairlead_table_age_seconds{table="routing"} 1.5
fairlead_swaps_total{table="endpoints"} 40
fairlead_certificate_expiry_timestamp_seconds{host="*.example.com",secret="web/tls"} 1800000000
fairlead_log_lines_suppressed_total 12
fairlead_log_lines_lost_total 3
fairlead_build_info{version="1.2.3",node="v26.0.0"} 1
process_cpu_seconds_total 2.25
process_start_time_seconds 1700000000.123
process_open_fds 21
fairlead_metrics_series_omitted 0`;
    const lines = text.split("\n");
    for (const line of expected.trim().split("\n")) expect(lines).toContain(line);
    expect(text).not.toMatch(/^fairlead_table_age_seconds\{table="certificates"\}/mu);
    expect(text).not.toMatch(/^process_max_fds/mu);
  });

  it("can be read by the letter of the format, with every metric in it once", async () => {
    const ledger = createRouteLedger();
    ledger.opened(HEAD);
    ledger.reported(refused("ConnectFailed"));
    const families = readExposition(await scrapeText(partsOf({ routes: [...ledger.accounts()] })));
    const read = [...families].map(([name, { type, help }]) => ({ name, type, help }));
    expect(read).toEqual(ROWS.map(({ name, type, help }) => ({ name, type, help })));
  });

  it("counts nothing itself: the same figures are the same text", async () => {
    const outcomes = createOutcomeCounter();
    outcomes.count(relayed("idle", "proxy"));
    const parts = partsOf({ outcomes: outcomes.outcomes() });
    const [first, second] = await Promise.all([scrapeText(parts), scrapeText(parts)]);
    expect(second).toBe(first);
    expect(first).toContain(`cause="idle",by="proxy"} 1`);
  });
});

it("every cause has a place to be counted in", () => {
  const counter = createOutcomeCounter();
  for (const cause of CAUSES) counter.count(relayed(cause, "backend"));
  expect([...counter.outcomes().ended.values()].map(({ backend }) => backend)).toEqual(CAUSES.map(() => 1));
});

it.each([
  [1000, "1000"],
  [1005, "1005"],
  [1014, "1014"],
  [1004, "other"],
  [1015, "other"],
  [2999, "other"],
  [3000, "3xxx"],
  [4001, "4xxx"],
  [4999, "4xxx"],
  [5000, "other"],
  [0, "other"],
  [65_535, "other"],
] as const)("close code %i is counted as %s", (code, label) => {
  expect(closeCode({ code, reason: "" })).toBe(label);
  expect(CLOSE_CODES).toContain(label);
});

it("a connection without a Close frame is counted as 1006", () => {
  expect(closeCode(null)).toBe("1006");
});
