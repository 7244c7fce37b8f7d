import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** One scenario at a time: each of them fills the machine. */
export default defineConfig({
  root: join(import.meta.dirname, "../.."),
  test: {
    include: ["test/hardening/**/*.test.ts"],
    testTimeout: 400_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    execArgv: ["--disable-proto=delete"],
  },
});
