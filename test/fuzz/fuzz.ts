import { join } from "node:path";
import { parseArgs } from "node:util";
import { startVitest } from "vitest/node";

declare module "vitest" {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged into
  interface ProvidedContext {
    readonly fuzz: { readonly seconds: number; readonly seed: number; readonly names: readonly string[] };
  }
}

const USAGE = `Usage: npm run fuzz -- [--seconds N] [--seed N] [TARGET...]

Mutates inputs of heads, answers, frames, hellos, manifests and watches for N seconds in all (600), and keeps what shows a
defect in test/fuzz/found, where npm test tries it again for ever.
`;

const { values, positionals } = parseArgs({
  options: { seconds: { type: "string", default: "600" }, seed: { type: "string" }, help: { type: "boolean" } },
  allowPositionals: true,
});
const seconds = Number(values.seconds);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (values.help === true || !(seconds > 0) || !Number.isSafeInteger(seed)) {
  process.stdout.write(USAGE);
  process.exit(values.help === true ? 0 : 2);
}
process.stdout.write(`fuzzing for ${seconds} s with --seed ${seed}\n`);
const run = await startVitest("test", [], {
  config: join(import.meta.dirname, "vitest.config.ts"),
  watch: false,
  provide: { fuzz: { seconds, seed, names: positionals } },
});
await run.close();
