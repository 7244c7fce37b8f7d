import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { type App, createApp } from "../../src/app.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { systemMachine } from "../../src/base/system-machine.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { createLog } from "../../src/observe/log.ts";
import { noTracing } from "../../src/observe/tracing.ts";
import { type Figure, inUnit, quantile } from "../table/figures.ts";
import { makeApplication } from "../table/make-objects.ts";
import { watchLoop } from "../table/watch-loop.ts";

const ROUNDS = 15;

const PAGES = [
  "/debug/connections",
  "/debug/connections?sort=quiet&limit=10000",
  "/debug/connections?route=nobody",
  "/debug/table",
  "/debug/table?limit=5000",
  "/debug/table?host=one.example.com&limit=5000",
  "/debug/table?part=endpoints&limit=5000",
] as const;

/** What one page costs. */
export type PageFigures = { readonly page: string; readonly figures: readonly Figure[] };

/** Opens so many idle WebSockets through an app in this process, beside so many routes of one host; reads each page, and watches this thread. */
export async function measureDebug(sockets: number, routes: number): Promise<readonly PageFigures[]> {
  await using leftovers = new AsyncDisposableStack();
  const peers = fork(new URL("./hold-sockets.ts", import.meta.url));
  leftovers.defer(() => void peers.kill());
  const [{ port }] = (await once(peers, "message")) as [{ port: number }];
  const manifests = await mkdtemp(join(tmpdir(), "fairlead-bench-"));
  leftovers.defer(async () => await rm(manifests, { recursive: true }));
  await writeFile(join(manifests, "all.json"), manifestsOf(port, routes));
  const app = makeApp(manifests);
  leftovers.defer(app.stop);
  const { http, admin } = await app.start();
  peers.send({ url: `ws://127.0.0.1:${http[0]?.port}/`, count: sockets });
  await once(peers, "message");
  const reader = new Worker(new URL("../scrape/read-page.ts", import.meta.url));
  leftovers.defer(async () => void (await reader.terminate()));
  const results: PageFigures[] = [];
  for (const page of PAGES) {
    results.push({ page, figures: await measurePage(reader, `http://127.0.0.1:${admin.port}${page}`) });
  }
  return results;
}

async function measurePage(reader: Worker, url: string): Promise<readonly Figure[]> {
  const [totals, blocks, blocksCpu]: [number[], number[], number[]] = [[], [], []];
  let size = 0;
  // The first rounds are those in which the code is not compiled yet: they count too, as they do for a user.
  for (let round = 0; round < ROUNDS; round += 1) {
    await setTimeout(50);
    const watch = watchLoop();
    const startMs = performance.now();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
    reader.postMessage(url);
    const [read] = (await once(reader, "message")) as [{ bytes: number }];
    totals.push(performance.now() - startMs);
    watch.stop();
    size = read.bytes;
    blocks.push(watch.blocks().longestMs);
    blocksCpu.push(watch.blocks().longestCpuMs);
  }
  return [
    { what: "size", value: inUnit(size / 2 ** 20, "MiB") },
    { what: "whole answer, p50", value: inUnit(quantile(totals, 0.5), "ms") },
    { what: "longest block of the event loop, p50", value: inUnit(quantile(blocks, 0.5), "ms") },
    { what: `longest block of ${ROUNDS} answers`, value: inUnit(quantile(blocks, 1), "ms"), target: "20 ms" },
    { what: "longest block in CPU time", value: inUnit(quantile(blocksCpu, 1), "ms") },
  ];
}

function makeApp(manifests: string): App {
  const address = "127.0.0.1:0";
  const texts = { httpAddress: [address], httpsAddress: [address], adminAddress: address, maxConnections: "20000" };
  const read = readConfig(texts, false);
  if (!read.ok) throw new Error(read.errors.join("\n"));
  const destination = { write: () => {}, unwritten: () => 0 };
  return createApp(
    { config: read.config, source: { type: "directory", path: manifests }, defaultPair: null },
    {
      clock: systemClock,
      machine: systemMachine,
      random: Math.random,
      tracing: noTracing,
      log: createLog({ ...read.config.log, destination, colour: false }),
    },
  );
}

/** The routes of one host, and one of every host that leads to the backend. */
function manifestsOf(port: number, routes: number): string {
  const applications = Array.from({ length: routes }, (_, index) => makeApplication(index, "5s", true));
  const objects = applications.flatMap(({ route, service, slice }) => [route, service, slice]);
  const echo = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "echo", annotations: { "fairlead.dev/standalone-endpoints": `127.0.0.1:${port}` } },
    spec: { ports: [{ port: 80 }] },
  };
  const rule = { name: "all", backendRefs: [{ name: "echo", port: 80 }] };
  const all = {
    apiVersion: "fairlead.dev/v1alpha1",
    kind: "WebSocketRoute",
    metadata: { name: "all" },
    spec: { rules: [rule] },
  };
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: [...objects, echo, all] });
}
