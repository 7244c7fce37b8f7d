import packageFile from "../../package.json" with { type: "json" };
import type { Invocation } from "./command.ts";
import type { ExitCode } from "./exit-codes.ts";
import { printResult } from "./output.ts";
import type { Surroundings } from "./surroundings.ts";

/** `fairlead version`: what is running, for a bug report. Resolves to the exit code. */
export async function runVersion({ format }: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const { version } = packageFile;
  const { arch, platform, versions } = process;
  const facts = { version, node: versions.node, openssl: versions.openssl, platform: `${platform}/${arch}` };
  const human = (): string => `fairlead ${version} (Node ${facts.node}, OpenSSL ${facts.openssl}, ${facts.platform})\n`;
  surroundings.write(printResult(format, facts, human));
  return await Promise.resolve(0);
}
