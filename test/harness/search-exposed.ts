import { appendFileSync } from "node:fs";
import { afterAll, afterEach, expect, inject } from "vitest";
import { exposureCounts, takeFindings } from "./sentinels.ts";

// In every test file: what a test exposed is searched when it has finished, and what came late at the end of the file.
afterEach(() => {
  expect(takeFindings(), "secrets in what people can read").toEqual([]);
});

afterAll(() => {
  expect(takeFindings(), "secrets in what people can read").toEqual([]);
  appendFileSync(inject("exposures"), `${JSON.stringify(exposureCounts())}\n`);
});
