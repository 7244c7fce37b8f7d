import type { Machine } from "../base/machine.ts";
import type { MemoryUse } from "../base/memory.ts";

/** Reads every limit that there is; the heap's always, and one of cgroup and machine. */
export function readMemory(machine: Machine): readonly MemoryUse[] {
  const heap = { source: "heap", ...machine.heap() } as const;
  const cgroup = readCgroup(machine);
  if (cgroup !== null) return [cgroup, heap];
  return [{ source: "machine", usedBytes: machine.residentBytes(), limitBytes: machine.totalBytes }, heap];
}

/** The use that is nearest to its limit. */
export function tightest(uses: readonly MemoryUse[]): MemoryUse {
  const [first, ...others] = uses;
  if (first === undefined) throw new Error("there is no memory at all");
  return others.reduce((worst, use) => (share(use) > share(worst) ? use : worst), first);
}

/** From 0 to 1, and beyond where a limit does not hold at once. */
export function share({ usedBytes, limitBytes }: MemoryUse): number {
  return limitBytes > 0 ? usedBytes / limitBytes : 0;
}

type CgroupFiles = { readonly limit: string; readonly usage: string; readonly inactive: RegExp };

/** The files of cgroup v2 and v1 (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst of the kernel). */
const V2: CgroupFiles = { limit: "memory.max", usage: "memory.current", inactive: /^inactive_file (\d+)$/m };
const V1: CgroupFiles = {
  limit: "memory.limit_in_bytes",
  usage: "memory.usage_in_bytes",
  inactive: /^total_inactive_file (\d+)$/m,
};

function readCgroup(machine: Machine): MemoryUse | null {
  for (const [directory, files] of directoriesOf(machine.readText("/proc/self/cgroup") ?? "")) {
    const limitBytes = readBytes(machine.readText(`${directory}/${files.limit}`));
    const usageBytes = readBytes(machine.readText(`${directory}/${files.usage}`));
    if (limitBytes === null || usageBytes === null || limitBytes >= machine.totalBytes) continue;
    // Pages of files that nobody uses are given back before anybody is killed, as the kubelet's working set has it.
    const [, inactive = "0"] = files.inactive.exec(machine.readText(`${directory}/memory.stat`) ?? "") ?? [];
    return { source: "cgroup", usedBytes: Math.max(0, usageBytes - Number(inactive)), limitBytes };
  }
  return null;
}

/** Our own group first; inside a container its path may be that of the host, and the group itself is at the root. */
function directoriesOf(groups: string): readonly (readonly [string, CgroupFiles])[] {
  const [, unified] = /^0::(\/.*)$/m.exec(groups) ?? [];
  const [, memory] = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(\/.*)$/m.exec(groups) ?? [];
  const at = (
    root: string,
    path: string | undefined,
    files: CgroupFiles,
  ): readonly (readonly [string, CgroupFiles])[] =>
    path === undefined ? [] : [...new Set([`${root}${path === "/" ? "" : path}`, root])].map((each) => [each, files]);
  return [...at("/sys/fs/cgroup/memory", memory, V1), ...at("/sys/fs/cgroup", unified, V2)];
}

/** Null where there is no limit ("max" of v2) or no file. */
function readBytes(text: string | null): number | null {
  const trimmed = text?.trim() ?? "";
  return /^\d{1,20}$/.test(trimmed) ? Number(trimmed) : null;
}
