import type { Machine } from "../base/machine.ts";

/** How many of the process's file descriptors are for what. */
export type DescriptorPlan = {
  /** What the process may have open; null where the system does not say. */
  readonly limit: number | null;
  /** Kept back for the admin address, the log, files and the runtime. */
  readonly reserved: number;
  /** Connections that listeners may hold: each may need a second descriptor, to its backend. */
  readonly clients: number;
  /** WebSockets that fit: fewer than clients, so that whoever finds no room can be told so. */
  readonly webSockets: number;
};

/** Where the system says nothing of a limit, such as on macOS: the least of those that Node raises its own to. */
const UNKNOWN_LIMIT = 10_240;

/** Shares out the descriptors that this process may have open (RLIMIT_NOFILE, which Node raises to the hard limit). */
export function planDescriptors(machine: Pick<Machine, "readText">): DescriptorPlan {
  const limit = readLimit(machine.readText("/proc/self/limits") ?? "");
  const known = limit ?? UNKNOWN_LIMIT;
  const reserved = clamp(Math.floor(known / 4), 64, 1024);
  const clients = Math.max(2, Math.floor((known - reserved) / 2));
  const webSockets = Math.max(1, clients - clamp(Math.floor(clients / 32), 16, 256));
  return { limit, reserved, clients, webSockets };
}

function readLimit(limits: string): number | null {
  const [, soft] = /^Max open files +(\d+|unlimited) /m.exec(limits) ?? [];
  if (soft === undefined) return null;
  // More than the kernel's own bound on a process (fs.nr_open) is no promise.
  return soft === "unlimited" ? 1_048_576 : Math.min(Number(soft), 1_048_576);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
