import { readConfig } from "../config/read-config.ts";
import type { Invocation } from "./command.ts";
import { complain } from "./complain.ts";
import type { ExitCode } from "./exit-codes.ts";
import { runApp } from "./run-app.ts";
import type { Surroundings } from "./surroundings.ts";

/** `fairlead serve`: routes by the manifests of a directory until it is told to stop. Resolves to the exit code. */
export async function runServe({ flags }: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const read = readConfig(flags, surroundings.terminal);
  if (!read.ok) return complain(read.errors, surroundings);
  const { config } = read;
  if (config.manifests === null) {
    return complain(["--manifests: expected a directory of manifests; there is no other source yet"], surroundings);
  }
  const { manifests } = config;
  return await runApp({ config, manifests, defaultPair: null }, surroundings, () => {});
}
