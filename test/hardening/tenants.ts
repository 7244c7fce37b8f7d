import type { Socket } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { route, rule, service } from "../harness/manifests.ts";
import { startEcho, startSilent } from "./backends.ts";
import { attempt, dial, echoes, handshakeHead, leave, pause, percentile } from "./clients.ts";
import { type FairleadProcess, startFairlead } from "./fairlead-process.ts";
import { brokenOf, type Outcome, type Scenario } from "./outcome.ts";
import { measureQuiet } from "./quiet.ts";

const PENDING = 100;
/** Half of the places are what one route may have; it is asked for ten times as many. */
const FLOOD = (PENDING / 2) * 10;

async function run(durationMs: number): Promise<Outcome> {
  await using echo = await startEcho();
  await using silent = await startSilent();
  await using fairlead = await startFairlead({
    flags: ["--max-pending-requests", String(PENDING)],
    manifests: [
      service("echo", [echo.port]),
      service("silent", [silent.port]),
      route("flooded", [rule("all", "/flooded", ["silent"], { timeouts: { handshake: "2s" } })]),
      route("other", [rule("all", "/echo", ["echo"])]),
    ],
  });
  const quietMs = await measureQuiet(durationMs, async (ms) => (await askFor(ms, fairlead)).latencies);
  const asked = flood(fairlead);
  // Who floods is who measures: what keeps this process busy is no slowness of Fairlead.
  const own = monitorEventLoopDelay({ resolution: 5 });
  own.enable();
  const { good, bad, most, latencies } = await askFor(durationMs, fairlead);
  own.disable();
  const p99 = percentile(latencies, 0.99);
  const flooded = await asked.stop();
  const refused = await fairlead.refused("TooManyPending");
  return {
    figures: {
      "requests to the flooded route": flooded,
      "of which refused": refused,
      "most waiting at a time": most,
      "requests to the other route": good + bad,
      "handshakes of the other p99, ms": Math.round(p99),
      "the measuring process itself was late by, p99 ms": Math.round(own.percentile(99) / 1e6),
      "the same before the flood, ms": Math.round(quietMs),
    },
    measured: { otherTenant: p99 / quietMs },
    broken: brokenOf({
      "the other route fails nobody": bad === 0 && good > 0,
      "the flooded route is refused beyond its share": refused > 0 && most <= PENDING / 2 + 1,
      "the process lives": fairlead.ended() === null,
    }),
  };
}

type Asked = { readonly good: number; readonly bad: number; readonly most: number; readonly latencies: number[] };

/** A handshake and a plain request to the other route, again and again for a while. */
async function askFor(durationMs: number, fairlead: FairleadProcess): Promise<Asked> {
  const latencies: number[] = [];
  let [good, bad, most] = [0, 0, 0];
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    const made = await attempt({ port: fairlead.ports.http });
    const isGood = made.type === "open" && (await echoes(made.socket));
    const plain = await fetch(`http://127.0.0.1:${fairlead.ports.http}/echo`, { headers: { connection: "close" } });
    await plain.arrayBuffer();
    if (isGood && plain.status === 200) good += 1;
    else bad += 1;
    if (made.type === "open") {
      latencies.push(made.ms);
      await leave([made.socket]);
    }
    most = Math.max(most, (await fairlead.health()).limits["pendingRequests"]?.used ?? 0);
    await pause(20);
  }
  return { good, bad, most, latencies };
}

/** Handshakes and plain requests that are asked again when they were answered, ten times as many as may wait. */
function flood({ ports }: FairleadProcess): { readonly stop: () => Promise<number> } {
  const sockets = new Set<Socket>();
  let asked = 0;
  const timer = setInterval(() => {
    for (let count = 0; count < FLOOD / 10 && sockets.size < FLOOD; count += 1) {
      const socket = dial({ port: ports.http });
      const plain = "GET /flooded HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.write(asked % 2 === 0 ? handshakeHead("/flooded") : plain);
      socket.once("data", () => socket.end());
      asked += 1;
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
  }, 50);
  return {
    stop: async () => {
      clearInterval(timer);
      await leave(sockets);
      return asked;
    },
  };
}

/** R23. */
export const TENANTS: Scenario = {
  name: "tenants",
  promise: "a route that is flooded takes nothing from another",
  run,
};
