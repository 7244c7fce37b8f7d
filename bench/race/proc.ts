import { readdirSync, readFileSync } from "node:fs";

/** How long one tick of /proc/PID/stat is: USER_HZ is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/** What a process has used up to now, its ended children not counted. */
export type Usage = {
  /** User and system time of all its threads, in ms. */
  readonly cpuMs: number;
  readonly residentKib: number;
};

/** One process as /proc/PID/stat tells it (proc_pid_stat(5)). */
export type Stat = { readonly pid: number; readonly parent: number; readonly cpuMs: number };

/** Reads a line of /proc/PID/stat. A program's name may hold spaces and parentheses: the fields follow the last one. */
export function parseStat(line: string): Stat {
  const after = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(after[number - 3]);
  const stat = { pid: Number.parseInt(line, 10), parent: field(4), cpuMs: (field(14) + field(15)) * TICK_MS };
  if (Object.values(stat).some(Number.isNaN)) throw new Error(`not a line of /proc/PID/stat: ${line}`);
  return stat;
}

/** The resident memory in the text of /proc/PID/status, in KiB; 0 for a process that has ended. */
export function parseResidentKib(status: string): number {
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

/** Reads a list of cores such as `0-2,5`, as taskset and /proc/PID/status write it. */
export function parseCores(list: string): readonly number[] {
  return list
    .trim()
    .split(",")
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      if (!/^\d+(-\d+)?$/.test(range) || last < first) throw new Error(`not a list of cores: ${list}`);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** The cores that this process may run on. */
export function allowedCores(): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  if (list === undefined) throw new Error("/proc/self/status names no cores");
  return parseCores(list);
}

/** A process and everything below it. */
export function familyOf(root: number, stats: readonly Stat[]): readonly Stat[] {
  const children = stats.filter(({ parent }) => parent === root);
  return [...stats.filter(({ pid }) => pid === root), ...children.flatMap(({ pid }) => familyOf(pid, stats))];
}

/** What a process and everything below it have used up to now. */
export function usageOf(root: number): Usage {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const family = familyOf(
    root,
    pids.map((pid) => readStat(pid)).filter((stat) => stat !== null),
  );
  if (family.length === 0) throw new Error(`process ${root} has ended`);
  const resident = family.map(({ pid }) => parseResidentKib(readFileSync(`/proc/${pid}/status`, "utf8")));
  return {
    cpuMs: family.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    residentKib: resident.reduce((sum, kib) => sum + kib, 0),
  };
}

/** Null for a process that ended meanwhile. */
function readStat(pid: string): Stat | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return null;
  }
}
