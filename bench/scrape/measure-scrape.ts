import { once } from "node:events";
import { createServer } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { answerMetrics } from "../../src/admin/metrics-page.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { bind } from "../../src/proxy/listen/bind.ts";
import { type Figure, inUnit, quantile } from "../table/figures.ts";
import { watchLoop } from "../table/watch-loop.ts";
import { createBusyExposition } from "./busy-exposition.ts";

const ROUNDS = 30;

/** What the worker says of one scrape. */
type Read = { readonly bytes: number; readonly series: number };

/** Scrapes a page of so many routes, each with traffic, over HTTP from another thread, and watches this one. */
export async function measureScrape(routes: number): Promise<readonly Figure[]> {
  const metrics = createBusyExposition(routes);
  const server = createServer((request, response) => {
    answerMetrics(request, response, { metrics, clock: systemClock }).catch(() => response.destroy());
  });
  const { port } = await bind(server, { host: "127.0.0.1", port: 0 });
  const reader = new Worker(new URL("./read-page.ts", import.meta.url));
  const totals: number[] = [];
  const noise: number[] = [];
  const blocks: number[] = [];
  const blocksCpu: number[] = [];
  let read: Read = { bytes: 0, series: 0 };
  // The first rounds are those in which the code is not compiled yet: they count too, as they do for a user.
  for (let round = 0; round < ROUNDS; round += 1) {
    noise.push(await longestIdleBlock(totals.at(-1) ?? 100));
    const watch = watchLoop();
    const startMs = performance.now();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
    reader.postMessage(`http://127.0.0.1:${port}/metrics`);
    [read] = (await once(reader, "message")) as [Read];
    totals.push(performance.now() - startMs);
    watch.stop();
    blocks.push(watch.blocks().longestMs);
    blocksCpu.push(watch.blocks().longestCpuMs);
  }
  await reader.terminate();
  server.close();
  return [
    { what: "series", value: String(read.series) },
    { what: "size", value: inUnit(read.bytes / 2 ** 20, "MiB") },
    { what: "whole scrape, p50", value: inUnit(quantile(totals, 0.5), "ms") },
    { what: "longest block of the event loop, p50", value: inUnit(quantile(blocks, 0.5), "ms") },
    { what: `longest block of ${ROUNDS} scrapes`, value: inUnit(quantile(blocks, 1), "ms"), target: "20 ms" },
    { what: "the same without a scrape: the machine's noise", value: inUnit(quantile(noise, 1), "ms") },
    { what: "longest block in CPU time", value: inUnit(quantile(blocksCpu, 1), "ms") },
  ];
}

async function longestIdleBlock(ms: number): Promise<number> {
  const watch = watchLoop();
  await setTimeout(ms);
  watch.stop();
  return watch.blocks().longestMs;
}
