import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";

/** A cgroup with a limit of memory, made for one process. */
export type Cgroup = Disposable & {
  /** What stands in front of a command, so that it runs in the group. */
  readonly through: readonly string[];
  /** How often the kernel has ended a process of the group for want of memory. */
  readonly kills: () => number;
};

/** The places where a controller of memory may be: of cgroup v1 and v2. */
const ROOTS = [
  {
    path: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    swap: "memory.memsw.limit_in_bytes",
    events: "memory.oom_control",
  },
  { path: "/sys/fs/cgroup", limit: "memory.max", swap: "memory.swap.max", events: "memory.events" },
] as const;

/** Makes a group; null where this process may make none. */
export function makeCgroup(limitBytes: number): Cgroup | null {
  for (const { path, limit, swap, events } of ROOTS) {
    const group = `${path}/fairlead-hardening-${process.pid}-${Date.now()}`;
    const remove = (): void => {
      try {
        rmdirSync(group);
      } catch {
        // The kernel may not be done with the last process of it; an empty group that stays costs nothing.
      }
    };
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    try {
      writeFileSync(`${group}/${limit}`, String(limitBytes));
      tryWrite(`${group}/${swap}`, swap === "memory.swap.max" ? "0" : String(limitBytes));
      // A group to which nobody can be moved is of no use.
      readFileSync(`${group}/cgroup.procs`);
    } catch {
      remove();
      continue;
    }
    return {
      through: ["/bin/sh", "-c", `echo $$ > ${group}/cgroup.procs && exec "$0" "$@"`],
      kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(`${group}/${events}`, "utf8"))?.[1] ?? 0),
      [Symbol.dispose]: remove,
    };
  }
  return null;
}

/** Not every kernel accounts for swap. */
function tryWrite(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch {
    // Without swap there is nothing to limit.
  }
}
