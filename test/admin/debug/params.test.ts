import { expect, test } from "vitest";
import { CONNECTION_PARAMS } from "../../../src/admin/debug/connection-filter.ts";
import { readParams } from "../../../src/admin/debug/params.ts";

test.each([
  ["limit=1&limit=2", 'parameter "limit": expected once'],
  ["__proto__=1&__proto__=2", 'parameter "__proto__": expected once'],
  ["__proto__=1", 'unknown parameter "__proto__": expected one of '],
  ["sort=constructor", 'parameter sort, "constructor": expected one of age, '],
  [`sort=${"x".repeat(5_000)}`, `parameter sort, "${"x".repeat(100)}": expected one of age, `],
  ["limit=%1B%5B31m", 'parameter limit, "\\u001b[31m": expected a whole number'],
])("a query of %j is answered with one clear sentence", (query, sentence) => {
  const read = readParams(new URLSearchParams(query), CONNECTION_PARAMS);
  expect(read).toEqual({ ok: false, error: expect.stringContaining(sentence) as string });
});
