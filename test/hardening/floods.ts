import type { Socket } from "node:net";
import { route, rule, service } from "../harness/manifests.ts";
import { startEcho } from "./backends.ts";
import { attempt, countAlive, dial, handshakeHead, leave, openMany, pause, until } from "./clients.ts";
import { type FairleadProcess, startFairlead } from "./fairlead-process.ts";
import { brokenOf, mib, type Outcome, type Scenario } from "./outcome.ts";

const ADDRESSES = Array.from({ length: 8 }, (_, index) => `127.0.0.${index + 2}`);

/** Connections that are opened again as soon as they are closed, at a bounded rate. */
type Flood = { readonly opened: () => number; readonly stop: () => Promise<void> };

/** From each address in turn; every second connection asks for a WebSocket, the others for nothing. */
function startFlood({ ports }: FairleadProcess, hold: number, perSecond: number): Flood {
  const sockets = new Set<Socket>();
  let opened = 0;
  const timer = setInterval(() => {
    for (let count = 0; count < perSecond / 20 && sockets.size < hold; count += 1) {
      const socket = dial({ port: ports.http, from: ADDRESSES[opened % ADDRESSES.length] as string });
      socket.resume();
      if (Math.floor(opened / ADDRESSES.length) % 2 === 0) socket.write(handshakeHead());
      opened += 1;
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
  }, 50);
  return {
    opened: () => opened,
    stop: async () => {
      clearInterval(timer);
      await leave(sockets);
    },
  };
}

type Tries = { open: number; refused: number; closed: number; silent: number };

/** Tries handshakes for a while, one after another; whoever gets in leaves again. */
async function tryFor(durationMs: number, port: number, tries: Tries, look: () => Promise<void>): Promise<void> {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    const made = await attempt({ port }, 20_000);
    if (made.type === "open") {
      tries.open += 1;
      await leave([made.socket]);
    } else if (made.type === "answered") {
      if (made.status === 503 && /^retry-after: \d+\r$/im.test(made.text)) tries.refused += 1;
      else tries.silent += 1;
    } else tries[made.type] += 1;
    await look();
    await pause(100);
  }
}

async function runFewDescriptors(durationMs: number): Promise<Outcome> {
  await using echo = await startEcho();
  await using fairlead = await startFairlead({
    through: ["/bin/sh", "-c", 'ulimit -n 512 && exec "$0" "$@"'],
    manifests: [service("echo", [echo.port]), route("echo", [rule("all", "/", ["echo"])])],
  });
  const { limits } = await fairlead.health();
  const held = await openMany({ port: fairlead.ports.http }, 150);
  const tries: Tries = { open: 0, refused: 0, closed: 0, silent: 0 };
  let mostDescriptors = 0;
  const flood = startFlood(fairlead, 600, 300);
  const [beginMs, cpuMs] = [performance.now(), fairlead.cpuMs()];
  await tryFor(durationMs, fairlead.ports.http, tries, async () => {
    mostDescriptors = Math.max(mostDescriptors, fairlead.descriptors());
    // Throws unless it is answered 200.
    await fairlead.health();
  });
  const cpu = (fairlead.cpuMs() - cpuMs) / (performance.now() - beginMs);
  const alive = await countAlive(held);
  const opened = flood.opened();
  await flood.stop();
  const served = async (): Promise<boolean> => {
    const made = await attempt({ port: fairlead.ports.http });
    if (made.type === "open") await leave([made.socket]);
    return made.type === "open";
  };
  const reliefMs = performance.now();
  await until("a handshake after the flood", served);
  const recoveryMs = performance.now() - reliefMs;
  const refused = (await fairlead.refused("TooManySockets")) + (await fairlead.refused("TooManyFromClient"));
  await leave(held);
  return {
    figures: {
      "limit of WebSockets": limits["webSockets"]?.limit ?? 0,
      "connections of the flood": opened,
      "closed at accept": refused,
      "handshakes meanwhile": JSON.stringify(tries),
      "most descriptors": mostDescriptors,
      "share of a core": `${Math.round(cpu * 100)} %`,
      "WebSockets alive": `${alive} of ${held.length}`,
      "served again after, ms": Math.round(recoveryMs),
    },
    measured: { refusingCpu: cpu * 100, refusingAlive: (alive / held.length) * 100, relief: recoveryMs },
    broken: brokenOf({
      "every open WebSocket stays": alive === held.length,
      "whoever is refused is told, or closed": tries.silent === 0,
      "the flood is refused": refused > 0,
      "some descriptors are left": mostDescriptors < 512,
      "refusing is cheap": cpu < 0.6,
      "the process lives": fairlead.ended() === null,
    }),
  };
}

async function runAddresses(durationMs: number): Promise<Outcome> {
  const perClient = 100;
  await using echo = await startEcho();
  await using fairlead = await startFairlead({
    flags: ["--max-connections-per-client", String(perClient)],
    manifests: [service("echo", [echo.port]), route("echo", [rule("all", "/", ["echo"])])],
  });
  const held = await openMany({ port: fairlead.ports.http }, 50);
  const before = fairlead.residentBytes();
  const tries: Tries = { open: 0, refused: 0, closed: 0, silent: 0 };
  let [most, peak] = [0, before];
  const flood = startFlood(fairlead, 3_000, 1_000);
  await tryFor(durationMs, fairlead.ports.http, tries, async () => {
    most = Math.max(most, (await fairlead.health()).limits["connections"]?.used ?? 0);
    peak = Math.max(peak, fairlead.residentBytes());
  });
  const alive = await countAlive(held);
  const opened = flood.opened();
  await flood.stop();
  const refused = await fairlead.refused("TooManyFromClient");
  await leave(held);
  const onlyHeld = async (): Promise<boolean> => ((await fairlead.health()).limits["connections"]?.used ?? 1) === 0;
  await until("no connection after the flood", onlyHeld);
  return {
    figures: {
      "connections of the flood": opened,
      "closed at accept": refused,
      "most open at a time": most,
      "handshakes of others": JSON.stringify(tries),
      growth: mib(peak - before),
    },
    measured: {},
    broken: brokenOf({
      "everybody else is served": tries.open > 0 && tries.refused + tries.closed + tries.silent === 0,
      "every open WebSocket stays": alive === held.length,
      "each address has its share at most": most > perClient && most <= ADDRESSES.length * perClient + held.length + 2,
      "the flood is refused": refused > 0,
      "memory is bounded": peak - before < 192 * 1024 ** 2,
      "the process lives": fairlead.ended() === null,
    }),
  };
}

/** R21: a cap of 512 descriptors. */
export const FEW_DESCRIPTORS: Scenario = {
  name: "few-descriptors",
  promise: "a flood costs nobody their connection, and passes",
  run: runFewDescriptors,
};

/** A flood from 127.0.0.2 to 127.0.0.9. */
export const EIGHT_ADDRESSES: Scenario = {
  name: "eight-addresses",
  promise: "a flood from eight addresses leaves room for everybody else",
  run: runAddresses,
};
