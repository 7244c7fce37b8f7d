import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // They fill the machine, or need a browser, and run by themselves: npm run test:hardening, npm run test:browser.
    exclude: ["test/hardening/**", "test/browser/**"],
    // A busy machine is no failure: what happens at all has happened long before.
    testTimeout: 40_000,
    hookTimeout: 40_000,
    expect: { poll: { timeout: 15_000 } },
    pool: "forks",
    maxWorkers: 2,
    execArgv: ["--disable-proto=delete"],
    restoreMocks: true,
    setupFiles: ["test/harness/search-exposed.ts"],
    globalSetup: ["test/harness/sum-exposures.ts"],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "json-summary"],
      thresholds: {
        "src/translate/**": { lines: 90 },
        "src/table/**": { lines: 90 },
        "src/policy/**": { lines: 90 },
        "src/proxy/**": { lines: 90 },
      },
    },
  },
});
