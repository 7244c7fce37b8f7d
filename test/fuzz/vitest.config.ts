import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: join(import.meta.dirname, "../.."),
  test: {
    include: ["test/fuzz/*.fuzz.ts"],
    pool: "forks",
    maxWorkers: 1,
    execArgv: ["--disable-proto=delete"],
    disableConsoleIntercept: true,
  },
});
