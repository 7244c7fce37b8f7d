import type { Machine } from "../base/machine.ts";
import { type DescriptorPlan, planDescriptors } from "./descriptors.ts";

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
};

/** Derives what was not told from the descriptors that the process has. */
export function resolveLimits(written: WrittenLimits, machine: Pick<Machine, "readText">): Limits {
  const descriptors = planDescriptors(machine);
  const { clients } = descriptors;
  const half = Math.ceil(clients / 2);
  const pending = told(written.maxPendingRequests, half);
  return {
    descriptors,
    clients,
    webSockets: told(written.maxConnections, descriptors.webSockets),
    perClient: written.maxConnectionsPerClient,
    silentPerClient: Math.min(half, Math.max(64, Math.floor(clients / 8))),
    tlsHandshakes: told(written.maxTlsHandshakes, half),
    pending,
    pendingPerRoute: Math.ceil(pending / 2),
    handshakesPerSecond: written.maxHandshakesPerSecond,
  };
}

/** What is wrong with limits that were told, in one sentence; null when nothing is. */
export function doubtLimits({ webSockets, descriptors }: Limits): string | null {
  if (webSockets <= descriptors.webSockets) return null;
  const { limit } = descriptors;
  const has = limit === null ? "an unknown number of descriptors, taken for 10240" : `${limit} file descriptors`;
  return `--max-connections ${webSockets} will not be reached: this process has ${has}, enough for ${descriptors.webSockets} WebSockets; raise its limit (ulimit -n, LimitNOFILE)`;
}

function told(written: WrittenLimit, derived: number): number {
  return written === "auto" ? derived : written;
}
