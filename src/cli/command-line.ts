import { COMMANDS } from "./commands.ts";
import { errorFormatOf, fail } from "./complain.ts";
import type { ExitCode } from "./exit-codes.ts";
import { parseWords } from "./parse-words.ts";
import type { Surroundings } from "./surroundings.ts";

/** Runs one command line, without the program's own name, to its end. Never throws. */
export async function runCommandLine(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    const parsed = parseWords(words, COMMANDS, surroundings);
    if (parsed.type === "answered") return parsed.code;
    return await parsed.row.run(parsed.invocation, surroundings);
  } catch (error) {
    return fail(error, surroundings, errorFormatOf(words));
  }
}
