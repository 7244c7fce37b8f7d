import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { createSystemMachine, oldLimitBytes } from "../../src/base/system-machine.ts";

const MIB = 1024 ** 2;

test.each<[readonly string[], number, number]>([
  [["--max-old-space-size=700"], 892, 700],
  [["--max_old_space_size=700", "--max-old-space-size=600"], 892, 600],
  [["--enable-source-maps"], 4_192, 4_000],
  [[], 300, 150],
  [["--max-old-space-size=9999999"], 892, 892],
])("with %j and a heap of %i MiB, V8 ends the process at %i MiB or later", (flags, heap, old) => {
  expect(oldLimitBytes(flags, heap * MIB)).toBe(old * MIB);
});

test("Node does not live to see more in the old generation than is said here.", () => {
  const script = `
    import { createSystemMachine } from ${JSON.stringify(new URL("../../src/base/system-machine.ts", import.meta.url).href)};
    import { writeSync } from "node:fs";
    const machine = createSystemMachine(process.execArgv);
    const kept = [];
    for (;;) {
      for (let index = 0; index < 2_000; index += 1) kept.push({ index, text: "x" + index, list: [index] });
      const { usedBytes, limitBytes } = machine.heap();
      writeSync(1, Math.round((100 * usedBytes) / limitBytes) + "\\n");
    }`;
  // With a small young generation, so that what is kept does not come into the old one all at once, at the end.
  const flags = ["--max-old-space-size=64", "--max-semi-space-size=1"];
  const child = spawnSync(process.execPath, [...flags, "--input-type=module", "-e", script], {
    encoding: "utf8",
    maxBuffer: 64 * MIB,
  });
  const seen = child.stdout.trim().split("\n").map(Number);
  expect(child.stderr).toMatch(/heap limit|out of memory/i);
  expect(Math.max(...seen)).toBeGreaterThanOrEqual(85);
  expect(Math.max(...seen)).toBeLessThan(130);
});

test("A file that is not there is null, and one of the kernel is its text.", () => {
  const machine = createSystemMachine([]);
  expect(machine.readText("/proc/self/nothing")).toBeNull();
  expect(machine.readText("/proc/self/limits")).toMatch(/Max open files/);
  expect(machine.residentBytes()).toBeLessThan(machine.totalBytes);
});
