import { describe, expect, test } from "vitest";
import type { Machine } from "../../src/base/machine.ts";
import { systemMachine } from "../../src/base/system-machine.ts";
import { readMemory, share, tightest } from "../../src/overload/memory-reading.ts";

const GIB = 1024 ** 3;

/** A machine of 8 GiB with these files. */
function machineWith(files: Readonly<Record<string, string>>): Machine {
  return {
    readText: (path) => new Map(Object.entries(files)).get(path) ?? null,
    heap: () => ({ usedBytes: 10, limitBytes: 100 }),
    residentBytes: () => GIB,
    totalBytes: 8 * GIB,
  };
}

const HEAP = { source: "heap", usedBytes: 10, limitBytes: 100 };

describe("memory", () => {
  test("of a container with cgroup v2 is that of the group at its root, without the pages that can be dropped", () => {
    const machine = machineWith({
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/memory.max": "1000\n",
      "/sys/fs/cgroup/memory.current": "900\n",
      "/sys/fs/cgroup/memory.stat": "anon 500\ninactive_file 300\nactive_file 100\n",
    });
    expect(readMemory(machine)).toEqual([{ source: "cgroup", usedBytes: 600, limitBytes: 1000 }, HEAP]);
  });

  test("of a service outside containers is that of its own group", () => {
    const machine = machineWith({
      "/proc/self/cgroup": "0::/system.slice/fairlead.service\n",
      "/sys/fs/cgroup/system.slice/fairlead.service/memory.max": "1000",
      "/sys/fs/cgroup/system.slice/fairlead.service/memory.current": "200",
      "/sys/fs/cgroup/memory.max": "5000",
      "/sys/fs/cgroup/memory.current": "4999",
    });
    expect(readMemory(machine)).toEqual([{ source: "cgroup", usedBytes: 200, limitBytes: 1000 }, HEAP]);
  });

  test("of cgroup v1 is read from its own files, also where the path is that of the host", () => {
    const machine = machineWith({
      "/proc/self/cgroup": "9:name=systemd:/\n5:cpu,memory:/kubepods/pod1/abc\n0::/\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1000",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "950",
      "/sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 50\n",
    });
    expect(readMemory(machine)).toEqual([{ source: "cgroup", usedBytes: 900, limitBytes: 1000 }, HEAP]);
  });

  test.each(["max", "9223372036854771712", "", "lots"])("without a limit (%j) is that of the machine", (limit) => {
    const machine = machineWith({
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/memory.max": limit,
      "/sys/fs/cgroup/memory.current": "900",
    });
    expect(readMemory(machine)).toEqual([{ source: "machine", usedBytes: GIB, limitBytes: 8 * GIB }, HEAP]);
  });

  test("of the machine that we run on is read, and is neither nothing nor everything", () => {
    const uses = readMemory(systemMachine);
    expect(uses.map(({ source }) => source)).toContain("heap");
    for (const use of uses) {
      expect(use.usedBytes).toBeGreaterThan(0);
      expect(use.limitBytes).toBeGreaterThan(use.usedBytes);
    }
  });

  test("is as tight as its tightest limit", () => {
    const loose = { source: "cgroup", usedBytes: 60, limitBytes: 100 } as const;
    const tight = { source: "heap", usedBytes: 9, limitBytes: 10 } as const;
    expect(tightest([loose, tight])).toBe(tight);
    expect(tightest([tight, loose])).toBe(tight);
    expect(share({ source: "heap", usedBytes: 1, limitBytes: 0 })).toBe(0);
  });
});
