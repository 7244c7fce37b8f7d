import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDuration } from "../../src/base/duration.ts";

describe("parseDuration", () => {
  it.each([
    ["0s", 0],
    ["10s", 10_000],
    ["1h30m", 5_400_000],
    ["500ms", 500],
    ["1h1m1s1ms", 3_661_001],
    ["99999h", 359_996_400_000],
    ["5m5m", 600_000],
  ])("reads %s as %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    "",
    "10",
    "-1s",
    "1.5h",
    "1 s",
    "s",
    "1d",
    "100000s",
    "1s1s1s1s1s",
    "1S",
    "10s\n",
    " 10s",
    "١s",
    "__proto__",
  ])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it("never throws, and gives a whole number of milliseconds or null", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const ms = parseDuration(text);
        expect(ms === null || Number.isSafeInteger(ms)).toBe(true);
      }),
    );
  });
});
