import type { Machine } from "../base/machine.ts";
import { type DescriptorPlan, planDescriptors } from "./descriptors.ts";
import { readMemory } from "./memory-reading.ts";

/** A limit as it was told: a number, 0 for none where that is allowed, or to be derived from the process's own. */
export type WrittenLimit = number | "auto";

/** The limits that the command line names. */
export type WrittenLimits = {
  readonly maxConnections: WrittenLimit;
  /** 0 is no limit. */
  readonly maxConnectionsPerClient: number;
  readonly maxPendingRequests: WrittenLimit;
  readonly maxTlsHandshakes: WrittenLimit;
  /** 0 is no limit. */
  readonly maxHandshakesPerSecond: number;
};

/** Every limit as it is enforced. */
export type Limits = {
  readonly descriptors: DescriptorPlan;
  /** WebSockets that may be open. */
  readonly webSockets: number;
  /** TCP connections that the listeners hold between them. */
  readonly clients: number;
  /** Of those, from one client address; 0 is no limit. */
  readonly perClient: number;
  /** Of those, connections of one client address that have not asked for anything yet. */
  readonly silentPerClient: number;
  readonly tlsHandshakes: number;
  /** Handshakes and plain requests that wait for a backend. */
  readonly pending: number;
  /** Of those, on one route. */
  readonly pendingPerRoute: number;
  /** A bucket of twice as many tokens is filled at this rate; 0 is no limit. */
  readonly handshakesPerSecond: number;
  /** What may wait for slow readers, over all connections: an eighth of the memory that this process may have. */
  readonly queuedBytes: number;
};

/** What the process needs without a connection. */
const BASE_BYTES = 100 * 1024 ** 2;
/** What one connection can hold when its peer stops reading in an instant in which everybody's does: one read. */
const STALLED_BYTES = 64 * 1024;
/** From there on nothing new is taken on (memory-watch.ts). */
const USABLE = 0.85;

/** Derives what was not told from the descriptors and the memory that the process has. */
export function resolveLimits(written: WrittenLimits, machine: Machine): Limits {
  const descriptors = planDescriptors(machine);
  const { clients } = descriptors;
  const half = Math.ceil(clients / 2);
  const memoryBytes = nativeLimitBytes(machine);
  const stalled = Math.floor((memoryBytes * USABLE - BASE_BYTES) / STALLED_BYTES);
  const pending = told(written.maxPendingRequests, half);
  return {
    descriptors,
    clients,
    webSockets: told(written.maxConnections, Math.min(descriptors.webSockets, Math.max(64, stalled))),
    perClient: written.maxConnectionsPerClient,
    silentPerClient: Math.min(half, Math.max(64, Math.floor(clients / 8))),
    tlsHandshakes: told(written.maxTlsHandshakes, half),
    pending,
    pendingPerRoute: Math.ceil(pending / 2),
    handshakesPerSecond: written.maxHandshakesPerSecond,
    queuedBytes: Math.floor(memoryBytes / 8),
  };
}

/** What is wrong with limits that were told, in one sentence; null when nothing is. */
export function doubtLimits({ webSockets, descriptors }: Limits): string | null {
  if (webSockets <= descriptors.webSockets) return null;
  const { limit } = descriptors;
  const has = limit === null ? "an unknown number of descriptors, taken for 10240" : `${limit} file descriptors`;
  return `--max-connections ${webSockets} will not be reached: this process has ${has}, enough for ${descriptors.webSockets} WebSockets; raise its limit (ulimit -n, LimitNOFILE)`;
}

/** What is queued is not in the heap. */
function nativeLimitBytes(machine: Machine): number {
  return readMemory(machine).find(({ source }) => source !== "heap")?.limitBytes ?? machine.totalBytes;
}

function told(written: WrittenLimit, derived: number): number {
  return written === "auto" ? derived : written;
}
