import { describe, expect, it } from "vitest";
import { createMeters, type Meters } from "../../src/observe/meters.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { answered, HEAD, refused, relayed } from "./make-report.ts";

/** The counts of a histogram's series, without those that are 0. */
async function counts(meters: Meters, name: Parameters<Meters["histograms"]["write"]>[0]): Promise<readonly string[]> {
  const text = await meters.histograms.write(name, "text");
  return text.split("\n").filter((line) => /_count/u.test(line) && !line.endsWith(" 0"));
}

describe("meters", () => {
  it("measure every handshake once, however it ends, and no plain request", async () => {
    const meters = createMeters(createFakeClock());
    meters.opened(HEAD);
    meters.opened({ ...HEAD, secure: false });
    const reports = [
      relayed("client", "client"),
      refused("NoRoute"),
      refused("ConnectFailed"),
      { ...refused("ConnectFailed"), upgrade: false },
      answered(200),
      { ...answered(401), upgrade: true },
    ];
    for (const report of reports) meters.reported(report);
    const name = "fairlead_handshake_duration_seconds_count";
    expect(await counts(meters, "handshake")).toEqual([
      `${name}{outcome="accepted",listener="http"} 1`,
      `${name}{outcome="accepted",listener="https"} 1`,
      `${name}{outcome="declined",listener="https"} 1`,
      `${name}{outcome="client-error",listener="https"} 1`,
      `${name}{outcome="backend-error",listener="https"} 1`,
    ]);
    expect(await counts(meters, "connection")).toEqual([
      'fairlead_connection_duration_seconds_count{listener="https"} 1',
    ]);
  });

  it("measure translations by what had changed and what came of it", async () => {
    const meters = createMeters(createFakeClock());
    meters.translated({ scope: "routes", result: "changed", durationMs: 30 });
    meters.translated({ scope: "endpoints", result: "failed", durationMs: 1 });
    const text = await meters.histograms.write("translation", "text");
    const name = "fairlead_translation_duration_seconds";
    expect(text).toContain(`${name}_bucket{le="0.025",scope="routes",result="changed"} 0\n`);
    expect(text).toContain(`${name}_bucket{le="0.05",scope="routes",result="changed"} 1\n`);
    expect(text).toContain(`${name}_sum{scope="routes",result="changed"} 0.03\n`);
    expect(text).toContain(`${name}_count{scope="endpoints",result="failed"} 1`);
  });

  it("watch the event loop from start to stop", async () => {
    const clock = createFakeClock();
    const meters = createMeters(clock);
    expect(clock.pending()).toBe(0);
    meters.start();
    meters.start();
    expect(clock.pending()).toBe(1);
    clock.advance(300);
    expect(await counts(meters, "eventLoopDelay")).toEqual(["fairlead_event_loop_delay_seconds_count 3"]);
    meters.stop();
    expect(clock.pending()).toBe(0);
  });
});
