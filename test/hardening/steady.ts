import { route, rule, service } from "../harness/manifests.ts";
import { startEcho } from "./backends.ts";
import { attempt, countAlive, echoes, leave, openMany, pause, percentile, until } from "./clients.ts";
import { type FairleadProcess, startFairlead } from "./fairlead-process.ts";
import { brokenOf, inMib, mib, type Outcome, type Scenario } from "./outcome.ts";

/** How much is asked of it. */
type Load = { readonly held: number; readonly perSecond: number; readonly warmUpMs: number };

type Sample = { readonly atMs: number; readonly residentBytes: number };
type Tally = {
  good: number;
  bad: number;
  readonly handshakes: number[];
  readonly pages: number[];
  readonly samples: Sample[];
};

async function run(durationMs: number, { held, perSecond, warmUpMs }: Load): Promise<Outcome> {
  await using echo = await startEcho();
  await using fairlead = await startFairlead({
    manifests: [service("echo", [echo.port]), route("echo", [rule("all", "/", ["echo"])])],
  });
  const sockets = await openMany({ port: fairlead.ports.http }, held);
  await countAlive(sockets);
  const descriptors = fairlead.descriptors();
  const tally: Tally = { good: 0, bad: 0, handshakes: [], pages: [], samples: [] };
  const beginMs = performance.now();
  const coming = startComing(fairlead, perSecond, tally);
  while (performance.now() < beginMs + durationMs) {
    const askedMs = performance.now();
    await fairlead.health();
    keepLast(tally.pages, performance.now() - askedMs);
    const atMs = performance.now() - beginMs;
    if (atMs > warmUpMs) tally.samples.push({ atMs, residentBytes: fairlead.residentBytes() });
    await pause(Math.min(1_000, durationMs / 20));
  }
  await coming.stop();
  const alive = await countAlive(sockets);
  await until("as many descriptors as before", () => Math.abs(fairlead.descriptors() - descriptors) <= 10);
  const descriptorsApart = Math.abs(fairlead.descriptors() - descriptors);
  const slope = slopePerHour(tally.samples);
  // A slope over less than an hour is that of the garbage collector.
  const isLong = durationMs >= LONG_MS;
  await leave(sockets);
  return {
    figures: {
      "WebSockets held": held,
      "handshakes beside them": tally.good + tally.bad,
      "handshake p99, ms": Math.round(percentile(tally.handshakes, 0.99)),
      "/healthz p99, ms": Math.round(percentile(tally.pages, 0.99)),
      resident: mib(fairlead.residentBytes()),
      "resident grows by": `${mib(slope)} an hour${isLong ? "" : "; looked at in runs of an hour and more only"}`,
      descriptors: `${descriptors} before, ${fairlead.descriptors()} after the held ones left`,
    },
    measured: { steadyDescriptors: descriptorsApart, ...(isLong ? { steadySlope: inMib(slope) } : {}) },
    broken: brokenOf({
      "no handshake fails": tally.bad === 0 && tally.good > 0,
      "every held WebSocket stays": alive === held,
      ...(isLong ? { "memory does not grow by 1 MiB an hour": slope < 1024 ** 2 } : {}),
      "the process lives": fairlead.ended() === null,
    }),
  };
}

/** Opens a WebSocket at each turn, echoes once and leaves. */
function startComing(
  { ports }: FairleadProcess,
  perSecond: number,
  tally: Tally,
): { readonly stop: () => Promise<void> } {
  const visits = new Set<Promise<void>>();
  const visit = async (): Promise<void> => {
    const made = await attempt({ port: ports.http }, 30_000);
    const isGood = made.type === "open" && (await echoes(made.socket, 30_000));
    tally[isGood ? "good" : "bad"] += 1;
    if (made.type !== "open") return;
    keepLast(tally.handshakes, made.ms);
    await leave([made.socket]);
  };
  const timer = setInterval(() => {
    const going = visit().finally(() => visits.delete(going));
    visits.add(going);
  }, 1_000 / perSecond);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(visits);
    },
  };
}

/** So that a run of a day does not fill the memory of whoever measures. */
function keepLast(numbers: number[], number: number): void {
  if (numbers.push(number) > 20_000) numbers.splice(0, 10_000);
}

/** The line through the samples that is nearest to all of them (least squares), in bytes an hour. */
function slopePerHour(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [atMs, bytes] = [mean(samples.map((each) => each.atMs)), mean(samples.map((each) => each.residentBytes))];
  const spread = samples.reduce((sum, each) => sum + (each.atMs - atMs) ** 2, 0);
  if (spread === 0) return 0;
  const along = samples.reduce((sum, each) => sum + (each.atMs - atMs) * (each.residentBytes - bytes), 0);
  return (along / spread) * 3_600_000;
}

const LONG_MS = 3_600_000;
const SHORT: Load = { held: 300, perSecond: 50, warmUpMs: 5_000 };
const LONG: Load = { held: 3_000, perSecond: 100, warmUpMs: 600_000 };

/** R20: the load of the goal in a run of an hour and more, a tenth of it in a short one. */
export const STEADY: Scenario = {
  name: "steady",
  promise: "handshakes come and go beside WebSockets that stay, and nothing adds up",
  run: async (durationMs) => await run(durationMs, durationMs >= LONG_MS ? LONG : SHORT),
};
