import { describe, expect, it } from "vitest";
import { CAUSES, type Flow } from "../../src/base/endings.ts";
import { MEMORY_SOURCES } from "../../src/base/memory.ts";
import { createExposition } from "../../src/observe/exposition.ts";
import type { Figures } from "../../src/observe/figures.ts";
import { LABELS, type LabelName } from "../../src/observe/labels.ts";
import { METRICS } from "../../src/observe/metrics.ts";
import { createOutcomeCounter } from "../../src/observe/outcomes.ts";
import { answered, refused, relayed } from "./make-report.ts";

const QUIET: Flow = { bytes: 0, frames: 0, messages: 0, queuedBytes: 0, queuedPeak: 0, undeliveredBytes: 0 };

/** Of a process that has just started. */
function figures(changes: Partial<Figures> = {}): Figures {
  return {
    ready: false,
    connections: { open: 0, closing: 0, total: 0, unclean: 0 },
    inFlight: { handshakes: 0, requests: 0 },
    relayed: { client: QUIET, backend: QUIET },
    outcomes: createOutcomeCounter().outcomes(),
    table: { routes: 0, problems: 0, ageMs: null },
    overload: {
      limits: { webSockets: 4, clients: 3, tlsHandshakes: 2, pending: 1 },
      door: { open: 0, silent: 0, tlsHandshakes: 0 },
      pending: 0,
      memory: { level: "normal", uses: MEMORY_SOURCES.map((source) => ({ source, usedBytes: 1, limitBytes: 2 })) },
    },
    swaps: { routing: 0, endpoints: 0, certificates: 0 },
    log: { leftOut: 0, lost: 0 },
    process: { cpuMs: 1, residentBytes: 1, startedAtMs: 1 },
    ...changes,
  };
}

/** What a scrape says, by name and labels. */
async function scrape(changes: Partial<Figures> = {}): Promise<ReadonlyMap<string, string>> {
  const text = await createExposition(() => figures(changes)).write();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]));
}

describe("the table of metrics", () => {
  // https://prometheus.io/docs/practices/naming/
  it.each(METRICS)("names $name as Prometheus recommends", ({ name, type, help, labels }) => {
    expect(name).toMatch(/^(?:fairlead|process)(?:_[a-z]+)+$/u);
    expect(name.endsWith("_total")).toBe(type === "counter");
    expect(name).not.toMatch(/_(?:ms|milliseconds|minutes|kib|kilobytes|count|sum|bucket)(?:_|$)/u);
    expect(help).toMatch(/^[^\n]+[.]$/u);
    for (const label of labels) expect(name.split("_")).not.toContain(label);
  });

  it("has every name once", () => {
    expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length);
  });

  it.each(METRICS)("gives $name exactly its labels, with values that are known beforehand", ({ labels, collect }) => {
    const outcomes = createOutcomeCounter();
    for (const report of [relayed("drain", "proxy"), refused("NoRoute"), answered(200)]) outcomes.count(report);
    const samples = collect(figures({ outcomes: outcomes.outcomes(), table: { routes: 1, problems: 1, ageMs: 1 } }));
    expect(samples.length).toBe(labels.reduce((product, label) => product * LABELS[label].values.length, 1));
    for (const sample of samples) {
      expect(Object.keys(sample.labels).toSorted()).toEqual(labels.toSorted());
      for (const [label, value] of Object.entries(sample.labels)) {
        expect(LABELS[label as LabelName].values).toContain(value);
      }
    }
  });

  it("is of a size that no client can change", async () => {
    const counter = createOutcomeCounter();
    const before = (await scrape({ outcomes: counter.outcomes() })).size;
    for (let status = 100; status < 1_000; status += 1) {
      counter.count({
        ...answered(status),
        path: `/${status}`,
        host: `${status}.example`,
        clientAddress: `10.0.0.${status}`,
      });
    }
    expect((await scrape({ outcomes: counter.outcomes() })).size).toBe(before);
    expect(before).toBeLessThan(200);
  });
});

describe("a scrape", () => {
  it("says what has been counted, and 0 where nothing has", async () => {
    const outcomes = createOutcomeCounter();
    const reports = [
      relayed("ping-timeout", "client"),
      relayed("ping-timeout", "client"),
      relayed("drain", "proxy"),
      refused("NoRoute"),
      answered(204),
      { ...answered(299), complete: false },
      answered(999),
    ];
    for (const report of reports) outcomes.count(report);
    const said = await scrape({
      ready: true,
      outcomes: outcomes.outcomes(),
      connections: { open: 4, closing: 1, total: 7, unclean: 2 },
      relayed: { client: { ...QUIET, bytes: 10, frames: 3 }, backend: { ...QUIET, bytes: 20, queuedBytes: 5 } },
      table: { routes: 2, problems: 1, ageMs: 1_500 },
      swaps: { routing: 3, endpoints: 40, certificates: 1 },
      log: { leftOut: 12, lost: 3 },
      process: { cpuMs: 2_250, residentBytes: 9, startedAtMs: 1_700_000_000_123 },
    });
    expect(Object.fromEntries(said)).toMatchObject({
      fairlead_ready: "1",
      fairlead_connections_open: "4",
      fairlead_connections_opened_total: "7",
      'fairlead_connections_ended_total{cause="ping-timeout",by="client"}': "2",
      'fairlead_connections_ended_total{cause="ping-timeout",by="backend"}': "0",
      'fairlead_connections_ended_total{cause="drain",by="proxy"}': "1",
      'fairlead_requests_refused_total{failure="NoRoute"}': "1",
      'fairlead_requests_refused_total{failure="Internal"}': "0",
      'fairlead_requests_answered_total{class="2xx"}': "2",
      'fairlead_requests_answered_total{class="other"}': "1",
      fairlead_requests_incomplete_total: "1",
      'fairlead_relay_bytes_total{direction="in"}': "10",
      'fairlead_relay_bytes_total{direction="out"}': "20",
      'fairlead_relay_queued_bytes{direction="out"}': "5",
      fairlead_table_age_seconds: "1.5",
      'fairlead_swaps_total{table="endpoints"}': "40",
      'fairlead_swaps_total{table="routing"}': "3",
      fairlead_log_lines_suppressed_total: "12",
      fairlead_log_lines_lost_total: "3",
      process_cpu_seconds_total: "2.25",
      process_start_time_seconds: "1700000000.123",
    });
  });

  it("leaves out what is not known yet, and says it when it is", async () => {
    let ageMs: number | null = null;
    const { write } = createExposition(() => figures({ table: { routes: 0, problems: 0, ageMs } }));
    expect(await write()).not.toMatch(/^fairlead_table_age_seconds/mu);
    ageMs = 0;
    expect(await write()).toMatch(/^fairlead_table_age_seconds 0$/mu);
    ageMs = null;
    expect(await write()).not.toMatch(/^fairlead_table_age_seconds/mu);
  });

  it("counts nothing itself: the same figures are the same text, also at the same time as another scrape", async () => {
    const outcomes = createOutcomeCounter();
    outcomes.count(relayed("idle", "proxy"));
    const { write } = createExposition(() => figures({ outcomes: outcomes.outcomes() }));
    const [first, second] = await Promise.all([write(), write()]);
    expect(second).toBe(first);
    expect(await write()).toBe(first);
    expect(first).toContain(`cause="idle",by="proxy"} 1`);
  });

  it("declares the type and the help of every metric once", async () => {
    const text = await createExposition(() => figures()).write();
    for (const { name, type, help } of METRICS) {
      expect(text.split(`# TYPE ${name} ${type}\n`)).toHaveLength(2);
      expect(text.split(`# HELP ${name} ${help}\n`)).toHaveLength(2);
    }
  });
});

it("every cause has a place to be counted in", () => {
  const counter = createOutcomeCounter();
  for (const cause of CAUSES) counter.count(relayed(cause, "backend"));
  expect([...counter.outcomes().ended.values()].map(({ backend }) => backend)).toEqual(CAUSES.map(() => 1));
});
