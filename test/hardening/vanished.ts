import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { route, rule, service } from "../harness/manifests.ts";
import { startEcho, startFlooding, startTicking } from "./backends.ts";
import { leave, openMany, pause } from "./clients.ts";
import { type FairleadProcess, startFairlead } from "./fairlead-process.ts";
import type { GOALS } from "./goals.ts";
import { makeNetwork, type Network } from "./network.ts";
import { brokenOf, type Outcome, type Scenario } from "./outcome.ts";

/** What a kind of vanished peer is found by, and when at the latest. */
type Kind = {
  readonly path: string;
  readonly cause: string;
  readonly withinMs: number;
  readonly goal: keyof typeof GOALS;
};

const KINDS: Readonly<Record<string, Kind>> = {
  idle: { path: "/echo", cause: "client", withinMs: 30_000, goal: "idleVanished" },
  "with more to come than is buffered": {
    path: "/flooding",
    cause: "stalled",
    withinMs: 65_000,
    goal: "stalledVanished",
  },
  "with a little to come, and pinged": {
    path: "/ticking",
    cause: "ping-timeout",
    withinMs: 16_000,
    goal: "pingedVanished",
  },
};

/** For a machine that does much else; and a kernel may take a second longer for each probe. */
const LATE_MS = 25_000;

async function run(durationMs: number): Promise<Outcome> {
  const each = durationMs > 120_000 ? 1_000 : 100;
  using network = makeNetwork();
  await using echo = await startEcho();
  await using flooding = await startFlooding();
  await using ticking = await startTicking(1_000);
  await using fairlead = await startFairlead({
    host: network?.host ?? "127.0.0.1",
    manifests: [
      service("echo", [echo.port]),
      service("flooding", [flooding.port]),
      service("ticking", [ticking.port]),
      route("echo", [rule("all", "/echo", ["echo"])]),
      route("flooding", [rule("all", "/flooding", ["flooding"])]),
      route("ticking", [
        rule("all", "/ticking", ["ticking"], { keepalive: { pingInterval: "5s", pongTimeout: "5s" } }),
      ]),
    ],
  });
  return network === null ? await look(fairlead, each) : await vanish(network, fairlead, each);
}

async function vanish(network: Network, fairlead: FairleadProcess, each: number): Promise<Outcome> {
  const script = join(import.meta.dirname, "vanishing-clients.ts");
  const plan = Object.values(KINDS).map(({ path }) => `${path}:${each}`);
  const [program = "", ...words] = network.through;
  const clients = spawn(
    program,
    [...words, process.execPath, script, network.host, String(fairlead.ports.http), ...plan],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  try {
    await once(clients.stdout, "data");
    network.vanish();
    const foundMs = await watch(fairlead, each);
    const late = Object.entries(KINDS).filter(
      ([name, { withinMs }]) => !((foundMs.get(name) ?? Infinity) < withinMs + LATE_MS),
    );
    return {
      figures: {
        "peers of each kind": each,
        ...Object.fromEntries(
          [...foundMs].map(([name, ms]) => [`${name}: the last was found after, ms`, Math.round(ms)]),
        ),
      },
      measured: Object.fromEntries([...foundMs].map(([name, ms]) => [KINDS[name]?.goal, ms])),
      broken: [
        ...late.map(([name, { withinMs }]) => `peers that vanish ${name} are found within ${withinMs} ms`),
        ...brokenOf({ "the process lives": fairlead.ended() === null }),
      ],
    };
  } finally {
    const exited = once(clients, "exit");
    if (clients.kill("SIGKILL")) await exited;
  }
}

/** When the last of each kind was found. */
async function watch(fairlead: FairleadProcess, each: number): Promise<ReadonlyMap<string, number>> {
  const foundMs = new Map<string, number>();
  const beginMs = performance.now();
  const latestMs = Math.max(...Object.values(KINDS).map(({ withinMs }) => withinMs)) + LATE_MS;
  while (foundMs.size < Object.keys(KINDS).length && performance.now() - beginMs < latestMs) {
    for (const [name, { cause }] of Object.entries(KINDS)) {
      const found = await fairlead.metric(`fairlead_connections_ended_total{cause="${cause}",by="client"}`);
      if (found >= each && !foundMs.has(name)) foundMs.set(name, performance.now() - beginMs);
    }
    await pause(500);
  }
  return foundMs;
}

/** Where no network can be made: the kernel is asked whether it will notice (the timer of /proc/net/tcp, in ticks of 10 ms). */
async function look(fairlead: FairleadProcess, count: number): Promise<Outcome> {
  const sockets = await openMany({ port: fairlead.ports.http }, count);
  // Until the last acknowledgement has come, another timer is shown.
  await pause(2_000);
  const port = fairlead.ports.http.toString(16).toUpperCase().padStart(4, "0");
  const lines = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const ours = lines.filter(([, local = "", , state]) => local.endsWith(`:${port}`) && state === "01");
  const armed = ours.filter(
    ([, , , , , timer = ""]) => timer.startsWith("02:") && Number.parseInt(timer.slice(3), 16) <= 1_500,
  );
  await leave(sockets);
  return {
    figures: {
      "no network can be made here": "the kernel's timers were looked at instead",
      "connections with keep-alive within 15 s": `${armed.length} of ${count}`,
    },
    measured: {},
    broken: brokenOf({ "every connection is probed after 15 s": armed.length >= count }),
  };
}

/** R18. */
export const VANISHED: Scenario = {
  name: "vanished",
  promise: "peers that vanish without a word are found in time",
  run,
};
