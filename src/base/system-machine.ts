import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import type { Machine } from "./machine.ts";

/** The machine that we run on. */
export const systemMachine: Machine = {
  readText: (path) => {
    try {
      // Files of the kernel are answered from memory: waiting for a thread would take longer than reading.
      return readFileSync(path, "utf8");
    } catch {
      return null;
    }
  },
  heap: () => {
    const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics();
    return { usedBytes, limitBytes };
  },
  residentBytes: () => process.memoryUsage.rss(),
  totalBytes: totalmem(),
};
