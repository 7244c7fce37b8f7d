import { messageOf } from "../base/message-of.ts";
import { escapeText } from "./escape-text.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";

/** Prints every mistake of a command line; the exit code, 2, says that it was the command line. */
export function complain(errors: readonly string[], surroundings: Surroundings): ExitCode {
  surroundings.writeError(errors.map(mistakeLine).join(""));
  return 2;
}

/** Prints why a command could not do its work; the exit code is 1. */
export function fail(thrown: unknown, surroundings: Surroundings): ExitCode {
  surroundings.writeError(mistakeLine(messageOf(thrown)));
  return 1;
}

/** Longer than any sentence of ours with a path in it. */
const MAX_LENGTH = 4_500;

/** A mistake on one line; what it quotes of the command line or of a file may hold anything, of any length. */
export function mistakeLine(mistake: string): string {
  return `fairlead: ${escapeText(mistake, MAX_LENGTH)}\n`;
}
