import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { getHeapSpaceStatistics, getHeapStatistics } from "node:v8";
import type { Machine } from "./machine.ts";

const MIB = 1024 ** 2;

/** The most that any Node line of today gives its young generation: three semi-spaces of 64 MiB. */
const YOUNG_BYTES = 192 * MIB;

/** The machine that we run on; `flags` are those that Node was started with, NODE_OPTIONS included. */
export function createSystemMachine(flags: readonly string[]): Machine {
  const limitBytes = oldLimitBytes(flags);
  return {
    readText: (path) => {
      try {
        // Files of the kernel are answered from memory: waiting for a thread would take longer than reading.
        return readFileSync(path, "utf8");
      } catch {
        return null;
      }
    },
    heap: () => ({ usedBytes: oldUsedBytes(), limitBytes }),
    residentBytes: () => process.memoryUsage.rss(),
    totalBytes: totalmem(),
  };
}

/**
 * What V8 ends the process at. Its own figure, heap_size_limit, counts the young generation in, which is far from full when the
 * old one is; and it does not tell how large that may get, so that more is taken off than may be right.
 */
export function oldLimitBytes(flags: readonly string[], heapLimitBytes = getHeapStatistics().heap_size_limit): number {
  const told = flags.map((flag) => /^--max[-_]old[-_]space[-_]size=(\d{1,9})$/.exec(flag)?.[1]).filter(Boolean);
  const last = told.at(-1);
  return last === undefined
    ? Math.max(heapLimitBytes - YOUNG_BYTES, heapLimitBytes / 2)
    : Math.min(Number(last) * MIB, heapLimitBytes);
}

function oldUsedBytes(): number {
  let bytes = 0;
  for (const { space_name: name, space_used_size: used } of getHeapSpaceStatistics()) {
    if (!name.startsWith("new_")) bytes += used;
  }
  return bytes;
}

/** The machine, for a process that was started without flags for V8's heap. */
export const systemMachine: Machine = createSystemMachine([]);
