import * as fc from "fast-check";
import { expect, test } from "vitest";
import { escapeText } from "../../src/cli/escape-text.ts";

test.each([
  ["plain ü ✓", "plain ü ✓"],
  ["a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c"],
  ["\u001B[2J", "\\u{1b}[2J"],
  ["\u009B2J", "\\u{9b}2J"],
  ["\u202Eevil", "\\u{202e}evil"],
  ["a\u200Bb", "a\\u{200b}b"],
])("%j", (text, shown) => {
  expect(escapeText(text, 100)).toBe(shown);
});

test("what is cut says so", () => {
  expect(escapeText("x".repeat(12), 10)).toBe("xxxxxxxxxx... (2 more characters)");
});

test("nothing that a terminal obeys is ever left", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      expect(escapeText(text, 100)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
