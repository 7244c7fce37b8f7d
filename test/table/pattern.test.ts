import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { MAX_PATTERNS_PER_HOST, MAX_PROGRAM_SIZE, MAX_TESTED_LENGTH, readPattern } from "../../src/table/pattern.ts";

const matches = (source: string, text: string): boolean => {
  const read = readPattern(source);
  if (!read.ok) throw new Error(read.expected);
  return read.pattern.matches(text);
};

describe("a pattern", () => {
  test.each([
    ["/a(b|c)+", "/abcb", true],
    ["/a(b|c)+", "/abd", false],
    ["/a", "x/a", false],
    ["/a", "/a\n", false],
    ["^/a$", "/a", true],
    ["a|ab", "ab", true],
    ["(?i)/CHAT", "/chat", true],
    ["/\\d{4}", "/2024", true],
    ["/[^/]+", "/a/b", false],
  ])("%s must match the whole text: %s is %s", (source, text, expected) => {
    expect(matches(source, text)).toBe(expected);
  });

  test.each([
    ["an unclosed group", "/("],
    ["a look-ahead", "/(?=a)a"],
    ["a back reference", "/(a)\\1"],
    ["a larger program than the bound", `/(a|b){${MAX_PROGRAM_SIZE}}`],
    ["a repetition of repetitions", "/((a{100}){100}){100}"],
    ["a text of great length", "a".repeat(MAX_TESTED_LENGTH + 1)],
  ])("is refused with what was expected when it is %s", (_title, source) => {
    expect(readPattern(source)).toEqual({ ok: false, expected: expect.any(String) });
  });

  test("is not even parsed when its text alone says that it is far too large", () => {
    const unclosed = (times: number): unknown => readPattern(`/(a{${times}}`);
    expect(unclosed(1)).toEqual({ ok: false, expected: expect.stringContaining("RE2 syntax") });
    expect(unclosed(1000)).toEqual({ ok: false, expected: expect.stringContaining("simpler pattern") });
  });

  test("is never thrown over, whatever it says", () => {
    const piece = fc.constantFrom(
      "(",
      ")",
      "[",
      "]",
      "*",
      "+",
      "?",
      "{2}",
      "{,}",
      "|",
      "\\",
      "^",
      "$",
      "a",
      "\\p{",
      "(?P<",
      "-",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => parts.join("")),
        ),
        (source) => {
          expect(typeof readPattern(source).ok).toBe("boolean");
        },
      ),
    );
  });

  test("matches what the engine says without bounds, also when its automaton has no room left", () => {
    const atom = fc.constantFrom("a", "b", "/", ".", "[ab]", "[^a]", "\\w", "\\b", "^", "$", "(?i)A", "é");
    const sources = fc.letrec<{ readonly source: string }>((tie) => ({
      source: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        atom,
        fc.tuple(tie("source"), tie("source")).map(([left, right]) => `${left}${right}`),
        fc.tuple(tie("source"), tie("source")).map(([left, right]) => `(${left}|${right})`),
        fc
          .tuple(tie("source"), fc.constantFrom("*", "+", "?", "{2}", "{3,}", "{0,4}", "*?", "{20}"))
          .map(([inner, times]) => `(?:${inner})${times}`),
      ),
    })).source;
    const text = fc.string({ unit: fc.constantFrom("a", "b", "A", "/", "\n", "é"), maxLength: 60 });
    fc.assert(
      fc.property(sources, fc.array(text, { minLength: 1, maxLength: 4 }), (source, texts) => {
        const read = readPattern(source);
        if (!read.ok) return;
        const plain = RE2JS.compile(source);
        for (const each of texts)
          expect([source, each, read.pattern.matches(each)]).toEqual([source, each, plain.testExact(each)]);
      }),
      { numRuns: 400 },
    );
    const hostile = readPattern("/[ab]*a[ab]{60}");
    const plain = RE2JS.compile("/[ab]*a[ab]{60}");
    let state = 1;
    const next = (): string => ((state = (state * 48_271) % 2_147_483_647) % 2 === 0 ? "a" : "b");
    const seen = Array.from({ length: 30 }, (_, index) => `/${Array.from({ length: 40 + index * 60 }, next).join("")}`);
    const found = seen.map((each) => hostile.ok && hostile.pattern.matches(each));
    expect(found).toEqual(seen.map((each) => plain.testExact(each)));
    expect(new Set(found)).toEqual(new Set([true, false]));
  });

  test("never matches a text over the bound", () => {
    expect(matches(".*", "a".repeat(MAX_TESTED_LENGTH))).toBe(true);
    expect(matches(".*", "a".repeat(MAX_TESTED_LENGTH + 1))).toBe(false);
  });

  test.each(["^(a+)+$", "(a|a)*b", "(.*a){12}", "(x+x+)+y", "([a-z]+)*[A-Z]"])(
    "a host full of %s does not hold up the process",
    (source) => {
      const texts = ["a", "x", "ab", "xy"].map(
        (text) => `${text.repeat(MAX_TESTED_LENGTH).slice(1, MAX_TESTED_LENGTH)}!`,
      );
      const begin = performance.now();
      for (let pattern = 0; pattern < MAX_PATTERNS_PER_HOST; pattern += 1) {
        const read = readPattern(source);
        for (const text of texts) expect(read.ok && read.pattern.matches(text)).toBe(false);
      }
      expect(performance.now() - begin).toBeLessThan(15_000);
    },
  );
});
