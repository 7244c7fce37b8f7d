import { describe, expect, it } from "vitest";
import { CASES, type Case } from "../../bench/race/cases.ts";
import { readOptions, USAGE } from "../../bench/race/options.ts";
import { familyOf, parseCores, parseResidentKib, parseStat, usageOf } from "../../bench/race/proc.ts";
import { formatTable, median, type Result, summarise } from "../../bench/race/report.ts";

describe("what /proc tells", () => {
  it("is read behind a name with spaces and parentheses", () => {
    const line = "42 (a b) c) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 9 9 20 0 11 0 100 0 0";
    expect(parseStat(line)).toEqual({ pid: 42, parent: 7, cpuMs: 2_000 });
    expect(() => parseStat("42 (cut")).toThrow("not a line of /proc/PID/stat: 42 (cut");
  });

  it("is summed over a process and everything below it", () => {
    const stat = (pid: number, parent: number) => ({ pid, parent, cpuMs: pid });
    const stats = [stat(1, 0), stat(2, 1), stat(3, 2), stat(4, 0)];
    expect(familyOf(1, stats).map(({ pid }) => pid)).toEqual([1, 2, 3]);
    expect(familyOf(5, stats)).toEqual([]);
    expect(usageOf(process.pid).residentKib).toBeGreaterThan(1_000);
    expect(usageOf(process.pid).cpuMs).toBeGreaterThan(0);
  });

  it("has no resident memory for a process that is ending", () => {
    expect(parseResidentKib("Name:\tnode\nVmRSS:\t   81920 kB\nThreads:\t11\n")).toBe(81_920);
    expect(parseResidentKib("Name:\tnode\nState:\tZ (zombie)\n")).toBe(0);
  });

  it.each([
    ["0", [0]],
    ["0-3", [0, 1, 2, 3]],
    ["1,4-5\n", [1, 4, 5]],
  ])("names the cores %j", (list, cores) => {
    expect(parseCores(list)).toEqual(cores);
  });

  it.each(["", "a", "3-1"])("refuses %j as a list of cores", (list) => {
    expect(() => parseCores(list)).toThrow("not a list of cores");
  });
});

describe("figures", () => {
  const result = (rival: string, round: number, cost: number): Result => ({
    case: "64 B",
    rival,
    round,
    cost,
    perSecond: 1,
  });

  it("have the median in the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
  });

  it("are compared within a round, so that a slow round is slow for all", () => {
    const results = [result("a", 1, 10), result("b", 1, 20), result("a", 2, 100), result("b", 2, 130)];
    const cell = summarise(results, { case: "64 B", rival: "b" }, "a");
    expect(cell).toEqual({ cost: 75, ratio: 1.65, lowest: 1.3, highest: 2 });
    expect(summarise(results, { case: "64 B", rival: "c" }, "a")).toBeNull();
    expect(summarise(results, { case: "64 B", rival: "b" }, "c")).toMatchObject({ cost: 75, ratio: null });
  });

  it("are printed as a table in Markdown, whose columns line up", () => {
    const message: Case = {
      name: "64 B",
      kind: "echo",
      tls: false,
      sockets: 1,
      bytes: 64,
      beside: 0,
      tier: "base",
    };
    const results = [result("a", 1, 10), result("b", 1, 15), result("a", 2, 10), result("b", 2, 14)];
    const memory = { ...message, name: "idle pair", kind: "idle" } as const;
    const idle = results.map((each) => ({ ...each, case: "idle pair" }));
    expect(formatTable([message, memory], ["a", "b", "c"], [...results, ...idle])).toBe(
      [
        "|           | a        | b                 | c |",
        "| --------- | -------- | ----------------- | - |",
        "| 64 B      | 10.0 us  | 1.45x (1.40-1.50) | - |",
        "| idle pair | 10.0 KiB | 14.5 KiB, 1.45x   | - |",
      ].join("\n"),
    );
  });
});

describe("the options of npm run bench", () => {
  it("choose everything by default, and cases with different names", () => {
    expect(readOptions([])).toMatchObject({ cases: CASES, rivals: [], rounds: 3, json: null, profile: null });
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  });

  it("choose cases and rivals by a part of their names", () => {
    const options = readOptions(["--quick", "--case", "16 KiB", "--rival", "Caddy"]);
    expect(options).toMatchObject({ rivals: ["caddy"], rounds: 1 });
    expect(typeof options === "string" ? [] : options.cases.map(({ name }) => name)).toEqual([
      "16 KiB, 50 sockets",
      "16 KiB TLS, 50 sockets",
    ]);
  });

  it.each([
    [["--rounds", "0"], "--rounds 0: expected 1 to 9"],
    [["--case", "65 B"], "--case 65 B: expected a part of 64 B, 100 sockets; "],
    [["--fast"], "--fast"],
    [["--help"], USAGE],
  ])("refuse or explain %j", (words, text) => {
    expect(readOptions(words)).toContain(text);
  });
});
