import { messageOf } from "../base/message-of.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";

/** Prints every mistake of a command line; the exit code, 2, says that it was the command line. */
export function complain(errors: readonly string[], surroundings: Surroundings): ExitCode {
  surroundings.writeError(errors.map((error) => `fairlead: ${error}\n`).join(""));
  return 2;
}

/** Prints why a command could not do its work; the exit code is 1. */
export function fail(thrown: unknown, surroundings: Surroundings): ExitCode {
  surroundings.writeError(`fairlead: ${messageOf(thrown)}\n`);
  return 1;
}
