import type { CommandRow, Invocation } from "../command.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { Surroundings } from "../surroundings.ts";
import { bashScript } from "./bash.ts";
import { describeCommands } from "./completions.ts";
import { fishScript } from "./fish.ts";
import { SHELLS, type Shell } from "./shells.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const satisfies Record<Shell, unknown>;

/** `fairlead completion SHELL`: prints a script for that shell. Resolves to the exit code. */
export async function runCompletion(
  commands: readonly CommandRow[],
  { operands }: Invocation,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const shell = SHELLS.find((each) => each === operands[0]) ?? "bash";
  surroundings.write(SCRIPTS[shell](describeCommands(commands)));
  return await Promise.resolve(0);
}
