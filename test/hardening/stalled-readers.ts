import type { Socket } from "node:net";
import { makeFrame } from "../harness/make-frame.ts";
import { route, rule, service } from "../harness/manifests.ts";
import { type Backend, startDeaf, startEcho, startFlooding } from "./backends.ts";
import { countAlive, leave, openMany, pause } from "./clients.ts";
import { startFairlead } from "./fairlead-process.ts";
import { brokenOf, mib, type Outcome, type Scenario } from "./outcome.ts";

const STALLED = 200;
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
  await countAlive(good);
  const before = fairlead.residentBytes();
  const stuck = await openMany({ port: fairlead.ports.http, path: "/other" }, STALLED, (socket) => {
    if (stalled === "clients") socket.pause();
    else send(socket);
  });
  let [peak, rounds, alive] = [before, 0, good.length];
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    alive = Math.min(alive, await countAlive(good));
    peak = Math.max(peak, fairlead.residentBytes());
    rounds += 1;
    await pause(200);
  }
  const queued = await fairlead.metric(
    `fairlead_relay_queued_bytes{direction="${stalled === "clients" ? "out" : "in"}"}`,
  );
  const ended = await fairlead.metric('fairlead_connections_ended_total{cause="stalled",by="client"}');
  const cut = ended + (await fairlead.metric('fairlead_connections_ended_total{cause="stalled",by="backend"}'));
  await leave([...good, ...stuck]);
  return {
    figures: {
      growth: mib(peak - before),
      "queued at the end": mib(queued),
      "echoes of others": rounds * good.length,
      "cut as stalled": cut,
    },
    broken: brokenOf({
      "everybody else is served": alive === good.length && rounds > 0,
      // Two reads of 64 KiB a stalled connection; the rest is for what V8 has not given back.
      "queues are bounded": queued <= STALLED * 2 * 65_536,
      "memory is bounded": peak - before < 128 * 1024 ** 2,
      "who stalls for over a minute is cut": durationMs < 75_000 || cut === STALLED,
      "the process lives": fairlead.ended() === null,
    }),
  };
}

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
