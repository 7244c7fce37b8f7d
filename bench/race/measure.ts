import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Case } from "./cases.ts";
import type { ClientWork, Loads } from "./load/load.ts";
import { usageOf } from "./proc.ts";
import { freePort, type Processes, type Server, untilListening } from "./processes.ts";
import type { Found } from "./rivals/index.ts";
import type { Site } from "./rivals/rival.ts";

/** How long things are done for, in ms. */
export type Times = {
  /** Handshakes with a fresh proxy, so that none is measured while its code is still being compiled. */
  readonly firstMs: number;
  /** Load before each measurement. */
  readonly warmMs: number;
  readonly runMs: number;
  /** Silence between the last handshake and the look at resident memory. */
  readonly settleMs: number;
};

/** What measuring needs. */
export type Bench = {
  readonly processes: Processes;
  readonly loads: Loads;
  readonly proxyCores: readonly number[];
  readonly directory: string;
  readonly certificate: Site["certificate"];
  readonly backendPort: number;
  readonly times: Times;
};

/** One measurement. */
export type Sample = {
  /** Microseconds of CPU a message or handshake, or KiB a pair. */
  readonly cost: number;
  /** Messages or handshakes a second, by the clock; null for memory. */
  readonly perSecond: number | null;
};

/** A proxy that runs. */
export type Running = { readonly found: Found; readonly site: Site; readonly server: Server };

/** Connections that a process has served before its memory is looked at: what it needs once is not counted per pair. */
const WARM_UP_HANDSHAKES_MS = 500;

let sites = 0;

/** Starts a proxy of its own for the cases to come; resolves when it listens on both ports. */
export async function startProxy(bench: Bench, found: Found): Promise<Running> {
  sites += 1;
  const directory = join(bench.directory, `${found.rival.name.toLowerCase()}-${sites}`);
  await mkdir(directory);
  const { certificate, backendPort } = bench;
  const site = { directory, certificate, backendPort, plainPort: await freePort(), tlsPort: await freePort() };
  const server = bench.processes.serve(await found.rival.prepare(found.program, site), bench.proxyCores);
  await untilListening(site.plainPort, found.rival.name);
  await untilListening(site.tlsPort, found.rival.name);
  return { found, site, server };
}

/** Gives a fresh proxy its first handshakes, plain, over TLS, or both. */
export async function warmUp(bench: Bench, running: Running, tls: readonly boolean[]): Promise<void> {
  for (const secure of tls) {
    const clients = await openClients(bench, running, { kind: "handshake", tls: secure, sockets: 50, bytes: 64 });
    await clients.run(bench.times.firstMs);
    await clients.stop();
  }
}

/** Measures a case once. Memory is measured on a fresh process, everything else on the one that runs. */
export async function measure(bench: Bench, running: Running, work: Case): Promise<Sample> {
  if (work.kind === "idle") return await measureMemory(bench, running.found, work);
  const beside =
    work.beside === 0 ? null : await openClients(bench, running, { ...work, kind: "echo", sockets: work.beside });
  const clients = await openClients(bench, running, { ...work, kind: work.kind });
  const { warmMs, runMs } = bench.times;
  await clients.run(warmMs);
  const before = { ...usageOf(running.server.pid), ms: performance.now() };
  const done = await clients.run(runMs);
  const after = { ...usageOf(running.server.pid), ms: performance.now() };
  await clients.stop();
  await beside?.stop();
  return { cost: ((after.cpuMs - before.cpuMs) * 1_000) / done, perSecond: (done * 1_000) / (after.ms - before.ms) };
}

async function measureMemory(bench: Bench, found: Found, work: Case): Promise<Sample> {
  const fresh = await startProxy(bench, found);
  const first = await openClients(bench, fresh, { kind: "handshake", tls: work.tls, sockets: 50, bytes: work.bytes });
  await first.run(WARM_UP_HANDSHAKES_MS);
  await first.stop();
  const { settleMs } = bench.times;
  await sleep(settleMs);
  const before = usageOf(fresh.server.pid);
  const clients = await openClients(bench, fresh, { ...work, kind: "echo" });
  await sleep(settleMs);
  const after = usageOf(fresh.server.pid);
  await clients.stop();
  await fresh.server.stop();
  return { cost: (after.residentKib - before.residentKib) / work.sockets, perSecond: null };
}

/** What the generator and the backend can do without a proxy between them. */
export async function measureCeiling(bench: Bench): Promise<number> {
  const clients = await bench.loads.clients(bench.backendPort, { kind: "echo", tls: false, sockets: 100, bytes: 64 });
  const done = await clients.run(bench.times.runMs);
  await clients.stop();
  return (done * 1_000) / bench.times.runMs;
}

function openClients({ loads }: Bench, { site }: Running, work: ClientWork): ReturnType<Loads["clients"]> {
  return loads.clients(work.tls ? site.tlsPort : site.plainPort, work);
}
