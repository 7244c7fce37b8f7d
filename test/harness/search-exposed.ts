import { appendFileSync } from "node:fs";
import { afterAll, afterEach, inject } from "vitest";
import { exposureCounts, requireNoFindings } from "./sentinels.ts";

// In every test file: what a test exposed is searched when it has finished, and what came late at the end of the file.
afterEach(requireNoFindings);

afterAll(() => {
  requireNoFindings();
  appendFileSync(inject("exposures"), `${JSON.stringify(exposureCounts())}\n`);
});
