import type { Socket } from "node:net";
import { makeFrame } from "../harness/make-frame.ts";
import { route, rule, service } from "../harness/manifests.ts";
import { type Backend, startDeaf, startEcho, startFlooding } from "./backends.ts";
import { echoMs, leave, openMany, pause, percentile } from "./clients.ts";
import { startFairlead } from "./fairlead-process.ts";
import { brokenOf, inMib, mib, type Outcome, type Scenario } from "./outcome.ts";
import { measureQuiet } from "./quiet.ts";

const STALLED = 200;
/** Who stalls is cut after 60 s: in a shorter run nobody can be. */
const LONG_MS = 75_000;
const MESSAGE = makeFrame("client", { opcode: 2, payload: Buffer.alloc(16_384) });

/** Who does not read: its peer sends for as long as it is taken. */
type Stalled = "clients" | "backends";

async function run(stalled: Stalled, durationMs: number): Promise<Outcome> {
  await using echo = await startEcho();
  await using other: Backend = stalled === "clients" ? await startFlooding() : await startDeaf();
  await using fairlead = await startFairlead({
    manifests: [
      service("echo", [echo.port]),
      service("other", [other.port]),
      route("echo", [rule("all", "/echo", ["echo"])]),
      route("other", [rule("all", "/other", ["other"])]),
    ],
  });
  const good = await openMany({ port: fairlead.ports.http }, 50);
  const quietMs = await measureQuiet(durationMs, async (ms) => (await echoFor(ms, good, nothing)).latencies);
  const before = fairlead.residentBytes();
  const stuck = await openMany({ port: fairlead.ports.http, path: "/other" }, STALLED, (socket) => {
    if (stalled === "clients") socket.pause();
    else send(socket);
  });
  let peak = before;
  const { latencies, missed } = await echoFor(durationMs, good, () => {
    peak = Math.max(peak, fairlead.residentBytes());
  });
  const queued = await fairlead.metric(
    `fairlead_relay_queued_bytes{direction="${stalled === "clients" ? "out" : "in"}"}`,
  );
  const ended = await fairlead.metric('fairlead_connections_ended_total{cause="stalled",by="client"}');
  const cut = ended + (await fairlead.metric('fairlead_connections_ended_total{cause="stalled",by="backend"}'));
  await leave([...good, ...stuck]);
  const p99 = percentile(latencies, 0.99);
  const isLong = durationMs >= LONG_MS;
  return {
    figures: {
      growth: mib(peak - before),
      "queued at the end": mib(queued),
      "echoes of others": latencies.length,
      "echoes of others p99, ms": Math.round(p99),
      "the same before the stalled ones came, ms": Math.round(quietMs),
      "cut as stalled": isLong
        ? cut
        : `${cut}; that all are is looked at in runs of ${LONG_MS / 1_000} s and more only`,
    },
    measured: { stalledGrowth: inMib(peak - before), stalledOthers: p99 / quietMs },
    broken: brokenOf({
      "everybody else is served": missed === 0 && latencies.length > 0,
      // Two reads of 64 KiB a stalled connection; the rest is for what V8 has not given back.
      "queues are bounded": queued <= STALLED * 2 * 65_536,
      "memory is bounded": peak - before < 128 * 1024 ** 2,
      ...(isLong ? { "who stalls for over a minute is cut": cut === STALLED } : {}),
      "the process lives": fairlead.ended() === null,
    }),
  };
}

/** Lets all echo again and again for a while, and looks at something after each round. */
async function echoFor(
  durationMs: number,
  sockets: readonly Socket[],
  look: () => void,
): Promise<{ readonly latencies: readonly number[]; readonly missed: number }> {
  const latencies: number[] = [];
  let missed = 0;
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    for (const ms of await Promise.all(sockets.map((socket) => echoMs(socket)))) {
      if (ms === null) missed += 1;
      else latencies.push(ms);
    }
    look();
    await pause(50);
  }
  return { latencies, missed };
}

const nothing = (): void => {};

function send(socket: Socket): void {
  const go = (): void => {
    while (!socket.destroyed && socket.write(MESSAGE));
  };
  socket.on("drain", go);
  go();
}

/** R14, both ways. */
export const STALLED_READERS: Readonly<Record<Stalled, Scenario>> = {
  clients: {
    name: "stalled-clients",
    promise: "200 clients that stop reading cost little, and nobody else notices",
    run: async (durationMs) => await run("clients", durationMs),
  },
  backends: {
    name: "stalled-backends",
    promise: "200 backends that stop reading cost little, and nobody else notices",
    run: async (durationMs) => await run("backends", durationMs),
  },
};
