import { readdir, readFile, stat } from "node:fs/promises";
import { performance } from "node:perf_hooks";

/** What the operating system and Node say of this process; null where they do not. */
export type ProcessFigures = {
  readonly cpuMs: number;
  /** Time in which the event loop was not waiting, since the start. */
  readonly loopActiveMs: number;
  readonly residentBytes: number;
  readonly heapTotalBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly openFds: number | null;
  readonly maxFds: number | null;
  /** As `node --version` prints it. */
  readonly nodeVersion: string;
};

/** Reads the figures of this process. What may take long is left to other threads. */
export async function readProcess(): Promise<ProcessFigures> {
  const [openFds, maxFds] = await Promise.all([countOpenFds(), readMaxFds()]);
  const { user, system } = process.cpuUsage();
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  return {
    cpuMs: (user + system) / 1_000,
    loopActiveMs: performance.eventLoopUtilization().active,
    residentBytes: rss,
    heapTotalBytes: heapTotal,
    heapUsedBytes: heapUsed,
    externalBytes: external,
    startedAtMs: performance.timeOrigin,
    openFds,
    maxFds,
    nodeVersion: process.version,
  };
}

const FDS = "/proc/self/fd";

async function countOpenFds(): Promise<number | null> {
  try {
    // Since Linux 6.2 the size of the directory is the count; to list it costs milliseconds at 20 000 descriptors.
    const { size } = await stat(FDS);
    return size > 0 ? size : (await readdir(FDS)).length;
  } catch {
    return null;
  }
}

async function readMaxFds(): Promise<number | null> {
  try {
    const limits = await readFile("/proc/self/limits", "utf8");
    const soft = /^Max open files\s+(\d+)/mu.exec(limits)?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
