import { parentPort } from "node:worker_threads";

/** Fetches each page that it is told of, and says how large it was. */
parentPort?.on("message", (url: string) => {
  read(url).catch((error: unknown) => {
    throw error;
  });
});

async function read(url: string): Promise<void> {
  const text = await (await fetch(url)).text();
  const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
  parentPort?.postMessage({ bytes: text.length, series });
}
