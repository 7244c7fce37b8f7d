import { describe, expect, it } from "vitest";
import { finish } from "../../src/base/work.ts";
import { createExposition, MAX_METRIC_SERIES, MAX_SCRAPES, PIECE_SERIES } from "../../src/observe/exposition.ts";
import { negotiate } from "../../src/observe/exposition-format.ts";
import { createHistograms } from "../../src/observe/histograms.ts";
import { createRouteLedger, type RouteAccount } from "../../src/observe/route-ledger.ts";
import { makeFigures } from "./make-figures.ts";
import { readExposition } from "./read-exposition.ts";
import { partsOf, scrapeText } from "./scrape-text.ts";

/** Of so many rules that are served. */
function makeAccounts(count: number): readonly RouteAccount[] {
  const ledger = createRouteLedger();
  finish(
    ledger.follow(
      Array.from({ length: count }, (_, index) => ({
        name: { kind: "WebSocketRoute", namespace: "apps", name: `chat-${index}`, rule: "0" },
        services: [`apps/chat-${index}:8080`],
      })),
    ),
  );
  return [...ledger.accounts()];
}

describe("a scrape of 5 000 routes", () => {
  it("lets the event loop turn between any two pieces, none of which is large", async () => {
    const parts = partsOf({ routes: makeAccounts(5_000) });
    let turns = 0;
    let isOver = false;
    const goRound = (): void => {
      turns += 1;
      if (!isOver) setImmediate(goRound);
    };
    setImmediate(goRound);
    using scrape = createExposition(parts).begin("text");
    const pieces: string[] = [];
    let before = -1;
    for await (const piece of scrape?.pieces() ?? []) {
      expect(turns).toBeGreaterThan(before);
      before = turns;
      pieces.push(piece);
    }
    isOver = true;
    const series = pieces.map(
      (piece) => piece.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length,
    );
    // The last has the histograms, all of whose buckets are there from the start.
    for (const count of series.slice(0, -1)) expect(count).toBe(PIECE_SERIES);
    expect(series.at(-1)).toBeLessThan(PIECE_SERIES + 400);
    expect(turns).toBeGreaterThanOrEqual(30_000 / PIECE_SERIES);
    const families = readExposition(pieces.join(""));
    expect(families.get("fairlead_route_connections_open")?.samples.size).toBe(5_000);
    expect(families.get("fairlead_route_relay_bytes_total")?.samples.size).toBe(10_000);
  });

  it("writes nothing ahead of who reads", async () => {
    let turns = 0;
    const parts = { ...partsOf({ routes: makeAccounts(5_000) }), turn: async () => void (turns += 1) };
    using scrape = createExposition(parts).begin("text");
    const pieces = scrape?.pieces();
    await pieces?.next();
    await pieces?.next();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(turns).toBe(1);
    await pieces?.return();
    expect(await pieces?.next()).toEqual({ done: true, value: undefined });
    expect(turns).toBe(1);
  });

  it("has no sample twice, although routes come and go while it is written", async () => {
    const ledger = createRouteLedger();
    const served = (from: number): Parameters<typeof ledger.follow>[0] =>
      Array.from({ length: 3_000 }, (_, index) => ({
        name: { kind: "Ingress", namespace: "apps", name: `web-${from + index}`, rule: "0" },
        services: ["apps/web:80"],
      }));
    finish(ledger.follow(served(0)));
    let round = 0;
    const text = await scrapeText({
      figures: async () => makeFigures({ routes: [...ledger.accounts()] }),
      histograms: createHistograms(),
      turn: async () => {
        round += 1;
        finish(ledger.follow(served(round % 2 === 0 ? 0 : 1_500)));
      },
    });
    expect(round).toBeGreaterThan(10);
    // Those that are served all the time are there, each once.
    const samples = readExposition(text).get("fairlead_route_connections_open")?.samples;
    const always = [...(samples?.keys() ?? [])].filter((key) => /"web-(?:1[5-9]|2\d)\d\d"/u.test(key));
    expect(always).toHaveLength(1_500);
  });
});

it("leaves out series of a metric that has too many, says how many, and leaves the others whole", async () => {
  const routes = makeAccounts(MAX_METRIC_SERIES / 2 + 3);
  const families = readExposition(await scrapeText(partsOf({ routes })));
  expect(families.get("fairlead_route_connections_open")?.samples.size).toBe(routes.length);
  expect(families.get("fairlead_route_relay_bytes_total")?.samples.size).toBe(MAX_METRIC_SERIES);
  expect(families.get("fairlead_route_relay_messages_total")?.samples.size).toBe(MAX_METRIC_SERIES);
  expect(families.get("fairlead_metrics_series_omitted")?.samples.get("fairlead_metrics_series_omitted")).toBe(12);
});

it("bounds how many scrapes are under way, and counts those that it refuses", async () => {
  const { begin } = createExposition(partsOf({}));
  const open = Array.from({ length: MAX_SCRAPES }, () => begin("text"));
  expect(open).not.toContain(null);
  expect([begin("text"), begin("openmetrics")]).toEqual([null, null]);
  open[0]?.[Symbol.dispose]();
  open[0]?.[Symbol.dispose]();
  using next = begin("text");
  expect(begin("text")).toBeNull();
  let text = "";
  for await (const piece of next?.pieces() ?? []) text += piece;
  expect(text).toContain("\nfairlead_metrics_scrapes_refused_total 3\n");
});

it("survives figures that cannot be read", async () => {
  const parts = { ...partsOf({}), figures: () => Promise.reject(new Error("no figures")) };
  await expect(scrapeText(parts)).rejects.toThrow("no figures");
});

it("escapes what a name may hold", async () => {
  const certificates = [{ host: 'a"b\\c\nd', secret: "é/ü", notAfterMs: 1_000 }];
  const text = await scrapeText(partsOf({ certificates }));
  expect(text).toContain('\nfairlead_certificate_expiry_timestamp_seconds{host="a\\"b\\\\c\\nd",secret="é/ü"} 1\n');
});

describe("OpenMetrics", () => {
  // https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
  it("names families of counters without _total, and ends with EOF", async () => {
    const text = await scrapeText(partsOf({}), "openmetrics");
    expect(text).toContain("\n# TYPE fairlead_connections_opened counter\nfairlead_connections_opened_total 0\n");
    expect(text).toContain("\n# TYPE fairlead_handshake_duration_seconds histogram\n");
    expect(text).not.toMatch(/^# (?:TYPE|HELP) \S+_total /mu);
    expect(text).not.toContain("\n\n");
    expect(text.endsWith("\n# EOF\n")).toBe(true);
    expect(text.split("# EOF")).toHaveLength(2);
  });

  it("has the samples of the text format", async () => {
    const samples = (text: string): readonly string[] => text.split("\n").filter((line) => !line.startsWith("#"));
    const parts = partsOf({ routes: makeAccounts(2) });
    expect(samples(await scrapeText(parts, "openmetrics"))).toEqual(samples(await scrapeText(parts)));
  });

  it.each([
    [undefined, "text"],
    ["", "text"],
    ["*/*", "text"],
    ["text/plain;version=0.0.4", "text"],
    ["application/openmetrics-text", "openmetrics"],
    ["application/openmetrics-text; version=1.0.0; charset=utf-8", "openmetrics"],
    ["application/openmetrics-text;version=0.0.1", "text"],
    ["application/openmetrics-text;version=1.0.0;q=0", "text"],
    ["application/openmetrics-text;version=1.0.0;q=0.00", "text"],
    [
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,*/*;q=0.2",
      "openmetrics",
    ],
    [`${"a/b,".repeat(100_000)}application/openmetrics-text`, "text"],
  ])("Accept: %.60s is answered in %s", (accept, format) => {
    expect(negotiate(accept)).toBe(format);
  });
});

describe("a histogram", () => {
  it("counts in every bucket that is large enough, and sums in seconds", async () => {
    const histograms = createHistograms();
    for (const ms of [1, 3, 2_592_000_000, 2_592_000_001]) {
      histograms.observe("connection", ms, { listener: "https" });
    }
    const text = await histograms.write("connection", "text");
    const name = "fairlead_connection_duration_seconds";
    expect(text).toContain(`${name}_bucket{le="1",listener="https"} 2\n`);
    expect(text).toContain(`${name}_bucket{le="604800",listener="https"} 2\n`);
    expect(text).toContain(`${name}_bucket{le="2592000",listener="https"} 3\n`);
    expect(text).toContain(`${name}_bucket{le="+Inf",listener="https"} 4\n`);
    expect(text).toContain(`${name}_count{listener="https"} 4`);
    expect(text).toContain(`${name}_sum{listener="https"} 5184000.00`);
    expect(text).toContain(`${name}_bucket{le="1",listener="http"} 0\n`);
  });

  it("shares nothing with that of another Fairlead", async () => {
    const one = createHistograms();
    one.observe("eventLoopDelay", 3, {});
    expect(await one.write("eventLoopDelay", "text")).toContain("_count 1");
    expect(await createHistograms().write("eventLoopDelay", "text")).toContain("_count 0");
  });
});
