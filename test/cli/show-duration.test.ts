import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "../../src/base/duration.ts";
import { showDuration } from "../../src/cli/show-duration.ts";

test.each([
  [0, "0s"],
  [500, "500ms"],
  [5_400_000, "1h30m"],
  [2_073_600_000, "576h"],
])("%d ms are %s", (ms, shown) => {
  expect(showDuration(ms)).toBe(shown);
});

test("what is shown is what manifests may say", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_073_600_000 }), (ms) => {
      expect(parseDuration(showDuration(ms))).toBe(ms);
    }),
  );
});
