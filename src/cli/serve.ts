import { type Config, readConfig } from "../config/read-config.ts";
import { readClusterEnvironment } from "../config/read-environment.ts";
import type { SourceSettings } from "../source.ts";
import type { Invocation } from "./command.ts";
import { mistakesOf, UsageError } from "./complain.ts";
import type { ExitCode } from "./exit-codes.ts";
import { runApp } from "./run-app.ts";
import type { Surroundings } from "./surroundings.ts";

/** `fairlead serve`: routes by what a cluster or a directory holds until it is told to stop. Resolves to the exit code. */
export async function runServe({ flags }: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const read = readConfig(flags, surroundings.terminal);
  if (!read.ok) throw new UsageError(mistakesOf("InvalidArgument", read.errors));
  const { config } = read;
  return await runApp({ config, source: sourceOf(config), defaultPair: null }, surroundings, () => {});
}

function sourceOf({ manifests, kubeconfig, context, watchNamespaces }: Config): SourceSettings {
  if (manifests !== null) return { type: "directory", path: manifests };
  const hints = { kubeconfig, context, ...readClusterEnvironment() };
  return { type: "cluster", hints, namespaces: watchNamespaces, allowLoopback: false };
}
