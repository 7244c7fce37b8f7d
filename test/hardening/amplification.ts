import type { Socket } from "node:net";
import { makeFrame } from "../harness/make-frame.ts";
import { route, rule, service } from "../harness/manifests.ts";
import { startEcho, startSilent } from "./backends.ts";
import { dial, handshakeHead, leave, pause, until } from "./clients.ts";
import { type FairleadProcess, startFairlead } from "./fairlead-process.ts";
import { brokenOf, mib, type Outcome, type Scenario } from "./outcome.ts";

/** Something that one client can send without end: what opens its connection, and what it repeats. */
type Input = { readonly opening: string; readonly repeated: Uint8Array };

const CLIENTS = 10;
const TIMES = 10;
const MIB = 1024 ** 2;
/** Ten clients that may have 64 KiB wait each way, and what V8 has not given back. */
const MOST_GROWTH = 128 * MIB;

function input(opening: string, repeated: string | Uint8Array): Input {
  return { opening, repeated: Buffer.from(repeated as Uint8Array) };
}

function plain(fields: string, path = "/echo"): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
}

const FIELDS = Array.from({ length: 1_500 }, (_, index) => `${index}:\r\n`).join("");
const SMALL = makeFrame("client", { opcode: 2, payload: Buffer.alloc(64) });
const FRAGMENT = makeFrame("client", { opcode: 0, fin: false, payload: "x" });
const REQUEST = plain("");

/** What decent clients send: frames of 64 bytes, and requests. */
const DECENT: Readonly<Record<"frames" | "requests", Input>> = {
  frames: input(handshakeHead(), SMALL),
  requests: input("", REQUEST),
};

/** What others do, beside what decent thing it is measured by. */
const HOSTILE: readonly { readonly name: string; readonly by: keyof typeof DECENT; readonly sent: Input }[] = [
  { name: "empty frames", by: "frames", sent: input(handshakeHead(), makeFrame("client", { opcode: 1 })) },
  { name: "fragments of one byte", by: "frames", sent: input(handshakeHead(), FRAGMENT) },
  { name: "Pings", by: "frames", sent: input(handshakeHead(), makeFrame("client", { opcode: 9 })) },
  { name: "frames before the 101", by: "frames", sent: input(handshakeHead("/silent"), SMALL) },
  { name: "1 500 fields", by: "requests", sent: input("", plain(FIELDS)) },
  { name: "refused requests", by: "requests", sent: input("", plain("", "/nowhere")) },
  { name: "bad paths", by: "requests", sent: input("", plain("", `/${"%2e/".repeat(2_000)}`)) },
  {
    name: "chunks of one byte",
    by: "requests",
    sent: input("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
  },
  { name: "what is no HTTP", by: "requests", sent: input("", "\0\r\n".repeat(100)) },
];

type Cost = { readonly cpuMsPerMib: number; readonly growth: number };

/** What it costs to be sent this by some clients for a while; who is closed comes again. */
async function measure(fairlead: FairleadProcess, { opening, repeated }: Input, durationMs: number): Promise<Cost> {
  const before = { cpuMs: fairlead.cpuMs(), resident: fairlead.residentBytes() };
  const batch = Buffer.concat(Array.from({ length: Math.ceil(16_384 / repeated.length) }, () => repeated));
  const sockets = new Set<Socket>();
  const state = { sent: 0, peak: before.resident, going: true };
  const come = (): void => {
    if (!state.going) return;
    const socket = dial({ port: fairlead.ports.http });
    sockets.add(socket);
    socket.resume();
    const go = (): void => {
      while (state.going && !socket.destroyed && socket.write(batch));
    };
    socket.write(opening);
    socket.once("connect", go);
    socket.on("drain", go);
    socket.once("end", () => socket.destroy());
    socket.once("close", () => {
      state.sent += socket.bytesWritten;
      sockets.delete(socket);
      // A client that is always refused at once is not to cost more than its connections.
      setTimeout(come, 20);
    });
  };
  for (let client = 0; client < CLIENTS; client += 1) come();
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    await pause(100);
    state.peak = Math.max(state.peak, fairlead.residentBytes());
  }
  state.going = false;
  const left = [...sockets];
  await leave(left);
  await until(
    "all connections are gone",
    async () => (await fairlead.health()).limits["connections"]?.used === 0,
    120_000,
  );
  const cpuMs = fairlead.cpuMs() - before.cpuMs;
  return { cpuMsPerMib: cpuMs / Math.max(1, state.sent / MIB), growth: state.peak - before.resident };
}

async function run(durationMs: number): Promise<Outcome> {
  await using echo = await startEcho();
  await using silent = await startSilent();
  await using fairlead = await startFairlead({
    flags: ["--max-handshakes-per-second", "0"],
    manifests: [
      service("echo", [echo.port]),
      service("silent", [silent.port]),
      route("echo", [rule("all", "/echo", ["echo"])]),
      route("silent", [rule("all", "/silent", ["silent"])]),
    ],
  });
  const eachMs = durationMs / (HOSTILE.length + 3);
  // The first measurement would pay for the compiler.
  await measure(fairlead, DECENT.requests, eachMs);
  const decent = {
    frames: await measure(fairlead, DECENT.frames, eachMs),
    requests: await measure(fairlead, DECENT.requests, eachMs),
  };
  const figures: Record<string, string> = {};
  const costly: string[] = [];
  let costliest = 0;
  for (const { name, by, sent } of HOSTILE) {
    const { cpuMsPerMib, growth } = await measure(fairlead, sent, eachMs);
    const times = cpuMsPerMib / decent[by].cpuMsPerMib;
    costliest = Math.max(costliest, times);
    figures[name] = `${times.toFixed(1)} times the CPU of decent ${by}, growth ${mib(growth)}`;
    if (times > TIMES) costly.push(`${name} cost at most ${TIMES} times what decent ${by} do`);
    if (growth > MOST_GROWTH) costly.push(`${name} take no memory that adds up`);
  }
  return {
    figures,
    measured: { costliest },
    broken: [...costly, ...brokenOf({ "the process lives": fairlead.ended() === null })],
  };
}

/** R15: what one client sends costs no more than a few times what decent bytes do. */
export const AMPLIFICATION: Scenario = {
  name: "amplification",
  promise: "no bytes cost ten times what decent bytes do",
  run,
};
