import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** One file at a time: each has a browser of its own. */
export default defineConfig({
  root: join(import.meta.dirname, "../.."),
  test: {
    include: ["test/browser/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    execArgv: ["--disable-proto=delete"],
    globalSetup: ["test/browser/require-chromium.ts"],
  },
});
