import type { Socket } from "node:net";
import { route, rule, service } from "../harness/manifests.ts";
import { startEcho, startFlooding } from "./backends.ts";
import { makeCgroup } from "./cgroup.ts";
import { type Attempt, attempt, countAlive, leave, pause, until } from "./clients.ts";
import { type FairleadProcess, startFairlead } from "./fairlead-process.ts";
import { brokenOf, mib, type Outcome, type Scenario } from "./outcome.ts";

const HELD = 100;
const MOST = 8_000;
const HEAP_MIB = 48;

/** Opens WebSockets until one is refused for want of memory, or there are `most`. */
async function fill(
  { ports }: FairleadProcess,
  path: string,
  most: number,
  opened: (socket: Socket) => void,
): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  let full = false;
  const worker = async (): Promise<void> => {
    while (!full && sockets.length < most) {
      const made = await attempt({ port: ports.http, path }, 30_000);
      if (made.type !== "open") full = true;
      else {
        sockets.push(made.socket);
        opened(made.socket);
      }
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  return sockets;
}

/** Goes on trying, and looks at what the process uses. */
async function press(
  fairlead: FairleadProcess,
  durationMs: number,
): Promise<{ tightest: number; cpu: number; answers: Set<string> }> {
  const [beginMs, cpuMs] = [performance.now(), fairlead.cpuMs()];
  const answers = new Set<string>();
  let tightest = 0;
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs && fairlead.ended() === null) {
    const tries = await Promise.all(Array.from({ length: 10 }, () => attempt({ port: fairlead.ports.http })));
    for (const made of tries) answers.add(nameOf(made));
    await leave(tries.flatMap((made) => (made.type === "open" ? [made.socket] : [])));
    for (const { usedBytes, limitBytes } of (await fairlead.health()).memory.uses) {
      tightest = Math.max(tightest, usedBytes / limitBytes);
    }
    await pause(200);
  }
  // Of a process that has ended nothing can be read, and that it has is told elsewhere.
  const cpu = fairlead.ended() === null ? (fairlead.cpuMs() - cpuMs) / (performance.now() - beginMs) : Number.NaN;
  return { tightest, cpu, answers };
}

function nameOf(made: Attempt): string {
  return made.type === "answered" ? String(made.status) : made.type;
}

async function serves(fairlead: FairleadProcess): Promise<boolean> {
  const made = await attempt({ port: fairlead.ports.http });
  if (made.type === "open") await leave([made.socket]);
  return made.type === "open";
}

/** How long it takes until a handshake is served again. */
async function waitForRelief(fairlead: FairleadProcess): Promise<number> {
  const beginMs = performance.now();
  await until("handshakes after the pressure", async () => await serves(fairlead), 60_000);
  return performance.now() - beginMs;
}

/** WebSockets without end, in a small heap. */
async function runHeap(durationMs: number): Promise<Outcome> {
  await using echo = await startEcho();
  await using fairlead = await startFairlead({
    // A small young generation, because what it holds is not counted until it is old.
    nodeFlags: [`--max-old-space-size=${HEAP_MIB}`, "--max-semi-space-size=2"],
    flags: ["--max-handshakes-per-second", "0"],
    manifests: [service("echo", [echo.port]), route("echo", [rule("all", "/", ["echo"])])],
  });
  await until("a first handshake", async () => await serves(fairlead));
  const sockets = await fill(fairlead, "/echo", MOST, () => {});
  const pressed = await press(fairlead, durationMs);
  const refused = await fairlead.refused("OutOfMemory");
  const kept = sockets.slice(0, HELD);
  const alive = await countAlive(kept);
  await leave(sockets);
  const relief = await waitForRelief(fairlead);
  return {
    figures: {
      "limited by": `the heap: an old generation of ${HEAP_MIB} MiB`,
      "WebSockets that fit": sockets.length,
      "handshakes refused for memory": refused,
      "most of the limit in use": `${Math.round(pressed.tightest * 100)} %`,
      "answers under pressure": [...pressed.answers].join(", "),
      "WebSockets alive": `${alive} of ${kept.length} looked at`,
    },
    measured: { refusingCpu: pressed.cpu * 100, refusingAlive: (alive / kept.length) * 100, relief },
    broken: brokenOf({
      "the process lives": fairlead.ended() === null,
      "there is an end to what it takes on": sockets.length < MOST && refused > 0,
      "whoever is refused is told": [...pressed.answers].every((answer) => answer === "503" || answer === "open"),
      "most of what is open stays": alive >= kept.length * 0.8,
    }),
  };
}

/** 256 MiB, and clients that stop reading all at once. */
async function runGroup(durationMs: number): Promise<Outcome> {
  const limitBytes = 256 * 1024 ** 2;
  using group = makeCgroup(limitBytes);
  const { promise: time, resolve: begin } = Promise.withResolvers<void>();
  await using echo = await startEcho();
  await using flooding = await startFlooding(time);
  await using fairlead = await startFairlead({
    ...(group === null ? {} : { through: group.through }),
    // What the heap may use is bounded too; where no group can be made, that is all there is.
    nodeFlags: [`--max-old-space-size=${group === null ? HEAP_MIB : 128}`, "--max-semi-space-size=4"],
    flags: ["--max-handshakes-per-second", "0"],
    manifests: [
      service("echo", [echo.port]),
      service("flooding", [flooding.port]),
      route("echo", [rule("all", "/echo", ["echo"])]),
      route("flooding", [rule("all", "/flooding", ["flooding"])]),
    ],
  });
  await until("a first handshake", async () => await serves(fairlead));
  const held = await fill(fairlead, "/echo", HELD, () => {});
  const stuck = await fill(fairlead, "/flooding", 4_000, (socket) => socket.pause());
  await countAlive(held);
  begin();
  const pressed = await press(fairlead, durationMs);
  const alive = await countAlive(held);
  const ended = (by: string): Promise<number> =>
    fairlead.metric(`fairlead_connections_ended_total{cause="shed",by="${by}"}`);
  const shed = await ended("proxy");
  const kills = group?.kills() ?? 0;
  await leave(stuck);
  const relief = await waitForRelief(fairlead);
  await leave(held);
  return {
    figures: {
      "limited by":
        group === null
          ? `the heap alone, an old generation of ${HEAP_MIB} MiB: no cgroup can be made here`
          : `a cgroup of ${mib(limitBytes)}`,
      "WebSockets that stopped reading": stuck.length,
      "WebSockets shed": shed,
      "most of the limit in use": `${Math.round(pressed.tightest * 100)} %`,
      "others alive": `${alive} of ${held.length}`,
    },
    measured: { refusingCpu: pressed.cpu * 100, refusingAlive: (alive / held.length) * 100, relief },
    broken: brokenOf({
      "the process lives": fairlead.ended() === null && kills === 0,
      "those who read stay": alive >= held.length * 0.8,
      "whoever is refused is told": [...pressed.answers].every((answer) => answer === "503" || answer === "open"),
    }),
  };
}

/** R21: a heap that fills. */
export const SMALL_HEAP: Scenario = {
  name: "small-heap",
  promise: "a heap that fills refuses, and is never the end of the process",
  run: runHeap,
};

/** R21: a cgroup that fills. */
export const SMALL_GROUP: Scenario = {
  name: "small-group",
  promise: "a cgroup that fills sheds those who fill it, and the kernel kills nobody",
  run: runGroup,
};
