import { describe, expect, it } from "vitest";
import { createLineBudget, LINE_LIMITS, limitLog } from "../../src/observe/line-budget.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { collectLines } from "./collect-lines.ts";

function setUp() {
  const clock = createFakeClock();
  const { log, lines } = collectLines();
  const budget = createLineBudget(log, clock);
  const ask = (kind: string, times: number): number =>
    Array.from({ length: times }, () => budget.allows(kind)).filter(Boolean).length;
  return { clock, log, lines, budget, ask };
}

describe("the budget of lines", () => {
  it("allows a burst of each kind, and then so many a second, whatever comes", () => {
    const { clock, ask } = setUp();
    expect(ask("NoRoute", 100_000)).toBe(LINE_LIMITS.burst);
    expect(ask("Draining", 100_000)).toBe(LINE_LIMITS.burst);
    clock.advance(1_000);
    expect(ask("NoRoute", 100_000)).toBe(LINE_LIMITS.perSecond);
    clock.advance(3_600_000);
    expect(ask("NoRoute", 100_000)).toBe(LINE_LIMITS.burst);
  });

  it("leaves nothing out of what stays within it, and says nothing then", () => {
    const { clock, lines, budget, ask } = setUp();
    for (let second = 0; second < 100; second += 1) {
      expect(ask("NoRoute", LINE_LIMITS.perSecond)).toBe(LINE_LIMITS.perSecond);
      clock.advance(1_000);
    }
    budget.flush();
    expect([budget.leftOut(), lines, clock.pending()]).toEqual([0, [], 0]);
  });

  it("says every 10 seconds how many lines of which kind were left out, each of them once", () => {
    const { clock, lines, budget, ask } = setUp();
    ask("NoRoute", LINE_LIMITS.burst + 7);
    ask("BadRequest", LINE_LIMITS.burst + 2);
    clock.advance(9_999);
    expect(lines).toEqual([]);
    clock.advance(1);
    expect(lines).toMatchObject([{ level: "warn", fields: { lines: 9, kinds: { NoRoute: 7, BadRequest: 2 } } }]);
    ask("NoRoute", LINE_LIMITS.burst + 1);
    budget.flush();
    expect(lines).toMatchObject([{}, { fields: { lines: 1, kinds: { NoRoute: 1 } } }]);
    expect([budget.leftOut(), clock.pending()]).toEqual([10, 0]);
    clock.advance(60_000);
    expect(lines).toHaveLength(2);
  });

  it("is of a size that nobody can change", () => {
    const { budget, ask, lines } = setUp();
    for (let kind = 0; kind < 10_000; kind += 1) ask(`kind ${kind}`, 1);
    expect(ask("kind 9999", LINE_LIMITS.burst)).toBe(0);
    expect(ask("kind 0", 1)).toBe(1);
    budget.flush();
    expect(lines).toMatchObject([{ fields: { kinds: { other: 10_000 - 128 } } }]);
  });

  it("holds back lines of a log by their message", () => {
    const { budget, log, lines } = setUp();
    const limited = limitLog(log, budget);
    for (let count = 0; count < 2_000; count += 1) limited.warn({ count }, "a TLS connection was refused");
    limited.error({}, "a handler threw");
    expect(lines).toHaveLength(LINE_LIMITS.burst + 1);
    expect(lines.at(-1)).toEqual({ level: "error", fields: {}, message: "a handler threw" });
  });
});
