import type { Socket } from "node:net";
import { route, rule, service } from "../harness/manifests.ts";
import { startEcho } from "./backends.ts";
import { attempt, dial, echoes, leave, pause, percentile } from "./clients.ts";
import { type FairleadProcess, startFairlead } from "./fairlead-process.ts";
import { brokenOf, mib, type Outcome, type Scenario } from "./outcome.ts";
import { measureQuiet } from "./quiet.ts";

const HEAD = "GET /echo HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
/** The first bytes of a ClientHello of 512 bytes. */
const HELLO = Buffer.from("160301020001000 1fc0303".replace(" ", ""), "hex");
/** 10 s for a head, 5 s for a ClientHello and 5 s for the rest of a TLS handshake; what is beyond is our own slowness. */
const DEADLINE_MS = 10_000;
const MARGIN_MS = 8_000;

type Dribble = {
  readonly name: string;
  readonly tls: boolean;
  readonly begin: (socket: Socket) => void;
  readonly go: (socket: Socket) => void;
};

const nothing = (): void => {};

/** What slow clients do: at the beginning, and once a second. */
const DRIBBLES: readonly Dribble[] = [
  { name: "nothing", tls: false, begin: nothing, go: nothing },
  { name: "half a head", tls: false, begin: (socket) => void socket.write(HEAD), go: nothing },
  {
    name: "a head byte by byte",
    tls: false,
    begin: (socket) => void socket.write(HEAD),
    go: (socket) => void socket.write("x"),
  },
  { name: "nothing over TLS", tls: true, begin: nothing, go: nothing },
  { name: "half a ClientHello", tls: true, begin: (socket) => void socket.write(HELLO), go: nothing },
  {
    name: "a ClientHello byte by byte",
    tls: true,
    begin: (socket) => void socket.write(HELLO),
    go: (socket) => void socket.write("\0"),
  },
];

type Slow = { readonly socket: Socket; readonly dribble: Dribble; readonly bornMs: number };
type Tally = { ended: number; longestMs: number; good: number; bad: number; readonly latencies: number[] };

/** Slow clients, a new one for each that was closed, and good clients among them. */
async function run(durationMs: number, dribblers: number): Promise<Outcome> {
  await using echo = await startEcho();
  await using fairlead = await startFairlead({
    manifests: [service("echo", [echo.port]), route("echo", [rule("all", "/", ["echo"])])],
  });
  const quietMs = await measureQuiet(durationMs, async (ms) => {
    const quiet = newTally();
    const quietEndMs = performance.now() + ms;
    while (performance.now() < quietEndMs) await goods(fairlead, quiet);
    return quiet.latencies;
  });
  const tally = newTally();
  const slow = new Set<Slow>();
  const before = fairlead.residentBytes();
  const endMs = performance.now() + durationMs;
  let peak = before;
  let born = 0;
  while (performance.now() < endMs) {
    for (let count = 0; slow.size < dribblers && count < dribblers / 10; count += 1, born += 1) {
      begin(fairlead, DRIBBLES[born % DRIBBLES.length] as Dribble, `127.0.0.${2 + (born % 8)}`, { slow, tally });
    }
    for (const { socket, dribble } of slow) dribble.go(socket);
    await goods(fairlead, tally);
    peak = Math.max(peak, fairlead.residentBytes());
  }
  // Those that are left have their deadline yet to come.
  const oldestMs = performance.now() + DEADLINE_MS + MARGIN_MS;
  while (slow.size > 0 && performance.now() < oldestMs) {
    for (const { socket, dribble } of slow) dribble.go(socket);
    await pause(500);
  }
  const left = slow.size;
  await leave([...slow].map(({ socket }) => socket));
  const p99 = percentile(tally.latencies, 0.99);
  return {
    figures: {
      "slow clients": born,
      "of which closed by Fairlead": tally.ended,
      "longest life of one, ms": Math.round(tally.longestMs),
      "good handshakes": tally.good,
      "good handshakes p99, ms": Math.round(p99),
      "the same before the slow ones came, ms": Math.round(quietMs),
      growth: mib(peak - before),
    },
    measured: {
      goodServed: (tally.good / (tally.good + tally.bad)) * 100,
      goodHandshakes: p99 / quietMs,
      dribblers: Math.max(0, tally.longestMs - DEADLINE_MS),
    },
    broken: brokenOf({
      "every good handshake is served": tally.bad === 0 && tally.good > 0,
      "every slow client is gone by its deadline": left === 0 && tally.longestMs < DEADLINE_MS + MARGIN_MS,
      "there were slow clients": tally.ended >= dribblers,
      "memory is bounded": peak - before < 192 * 1024 ** 2,
      "the process lives": fairlead.ended() === null,
    }),
  };
}

function begin(
  { ports }: FairleadProcess,
  dribble: Dribble,
  from: string,
  { slow, tally }: { readonly slow: Set<Slow>; readonly tally: Tally },
): void {
  const socket = dial({ port: dribble.tls ? ports.https : ports.http, from });
  const one: Slow = { socket, dribble, bornMs: performance.now() };
  slow.add(one);
  // A client that is answered 408 reads it and leaves.
  socket.resume();
  socket.once("connect", () => dribble.begin(socket));
  socket.once("close", () => {
    slow.delete(one);
    tally.ended += 1;
    tally.longestMs = Math.max(tally.longestMs, performance.now() - one.bornMs);
  });
}

function newTally(): Tally {
  return { ended: 0, longestMs: 0, good: 0, bad: 0, latencies: [] };
}

/** Ten good handshakes at once, every half second. */
async function goods(fairlead: FairleadProcess, tally: Tally): Promise<void> {
  await Promise.all([pause(500), ...Array.from({ length: 10 }, () => good(fairlead, tally))]);
}

async function good({ ports }: FairleadProcess, tally: Tally): Promise<void> {
  const made = await attempt({ port: ports.http });
  const isGood = made.type === "open" && (await echoes(made.socket));
  if (made.type === "open") {
    tally.latencies.push(made.ms);
    made.socket.destroy();
  }
  if (isGood) tally.good += 1;
  else tally.bad += 1;
}

/** R16: 1 000 slow clients at a time here, 5 000 in a long run. */
export const SLOWLORIS: Scenario = {
  name: "slowloris",
  promise: "slow handshakes end at their deadline, and good ones are served meanwhile",
  run: async (durationMs) => await run(durationMs, durationMs > 120_000 ? 5_000 : 1_000),
};
