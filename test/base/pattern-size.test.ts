import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, it } from "vitest";
import { estimatePatternSize } from "../../src/base/pattern-size.ts";

it.each([
  ["", 0],
  ["abc", 3],
  ["a{3}", 3],
  ["a{2,5}", 5],
  ["[a-z]{10}", 10],
  ["[]a{9}]", 1],
  ["[^]a{9}]", 1],
  ["\\{9}", 3],
  ["\\p{Greek}", 8],
  ["(ab){10}", 40],
  ["((a){10}){10}", 320],
  ["a{,5}", 5],
  ["(((", 0],
  [")))", 3],
  ["[", 1],
])("%s is about %i", (pattern, size) => {
  expect(estimatePatternSize(pattern)).toBe(size);
});

it("is never far below the size that a pattern compiles to", () => {
  const atom = fc.constantFrom("a", "[a-z]", "\\d", "(ab|c)", "(x)", ".", "\\.", "(?:yz)");
  const repeated = fc
    .tuple(atom, fc.constantFrom("", "*", "+", "?", "{3}", "{2,7}", "{10}"))
    .map((parts) => parts.join(""));
  const group = fc.tuple(fc.array(repeated, { maxLength: 6 }), fc.constantFrom("", "{4}", "{1,9}"));
  const pattern = fc.array(
    group.map(([parts, count]) => `(${parts.join("")})${count}`),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(pattern, (parts) => {
      const text = parts.join("|");
      const actual = RE2JS.compile(text).programSize();
      expect(estimatePatternSize(text) * 3 + 10).toBeGreaterThanOrEqual(actual);
    }),
    { numRuns: 300 },
  );
});
