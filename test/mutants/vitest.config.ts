import { join } from "node:path";
import { defineConfig, type Plugin } from "vitest/config";
import { applyMutant } from "./mutant.ts";
import { findMutant } from "./mutants.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Set by run-killers.ts alone: the name of the mutant to run with, empty for none. */
const name = process.env["FAIRLEAD_MUTANT"] ?? "";
const mutant = name === "" ? null : findMutant(name);
const mutated = mutant === null ? null : join(ROOT, mutant.file);

const mutation: Plugin = {
  name: "mutation",
  enforce: "pre",
  // Transformed modules are kept on disk between runs: a mutated one must neither be kept nor be replaced by a sound one.
  configureVitest: ({ defineCacheKeyGenerator }) => {
    defineCacheKeyGenerator(({ id }) => (id.split("?")[0] === mutated ? false : undefined));
  },
  transform: (code, id) => {
    if (mutant === null || id.split("?")[0] !== mutated) return null;
    return { code: applyMutant(mutant, code), map: null };
  },
};

export default defineConfig({
  root: ROOT,
  plugins: [mutation],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/mutants/**", "test/hardening/**"],
    testTimeout: 10_000,
    expect: { poll: { timeout: mutant === null ? 10_000 : 1_000 } },
    // What a mutant leaves open is no reason to wait long for its closing.
    hookTimeout: mutant === null ? 10_000 : 3_000,
    pool: "forks",
    maxWorkers: 1,
    execArgv: ["--disable-proto=delete"],
    restoreMocks: true,
  },
});
