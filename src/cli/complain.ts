import { codeOf, type ErrorCode } from "../base/error-codes.ts";
import { messageOf } from "../base/message-of.ts";
import { escapeText } from "./escape-text.ts";
import type { ExitCode } from "./exit-codes.ts";
import { printData } from "./output.ts";
import type { Surroundings } from "./surroundings.ts";

/** One mistake of a command line. */
export type Mistake = {
  readonly code: ErrorCode;
  /** One sentence; it may quote hostile text, which is escaped and cut where it is printed. */
  readonly message: string;
  /** What may have been meant, and where help is; a line each. */
  readonly hints: readonly string[];
};

/** The command line is wrong: thrown before anything is done, with every mistake in it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ message }) => message).join("; "));
    this.mistakes = mistakes;
  }
}

/** The same mistake several times, without hints. */
export function mistakesOf(code: ErrorCode, messages: readonly string[]): readonly Mistake[] {
  return messages.map((message) => ({ code, message, hints: [] }));
}

/** How errors are told: a line each, or one object that holds them. */
export type ErrorFormat = "human" | "json" | "yaml";

/** The format of -o, read before the rest is understood, so that a mistake anywhere in the command line is told in it. */
export function errorFormatOf(words: readonly string[]): ErrorFormat {
  const flags = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  const texts = flags.map((word, at) =>
    word === "-o" || word === "--output" ? flags[at + 1] : /^(?:-o|--output=)(.+)$/.exec(word)?.[1],
  );
  const format = texts.findLast((text) => text !== undefined);
  return format === "json" || format === "yaml" ? format : "human";
}

/** Tells on standard error what was thrown; the exit code is 2 for mistakes of the command line, else 1. */
export function fail(thrown: unknown, { writeError }: Surroundings, format: ErrorFormat = "human"): ExitCode {
  const isUsage = thrown instanceof UsageError;
  const told = isUsage ? thrown.mistakes : mistakesOf(codeOf(thrown), [messageOf(thrown)]);
  const errors = told.map(({ code, message, hints }) => ({
    code,
    message: escapeText(message, MAX_LENGTH),
    hints,
    help: `docs/reference/cli.md#${code.toLowerCase()}`,
  }));
  if (format === "human") writeError(errors.map(printError).join(""));
  else writeError(printData(format, { errors }));
  return isUsage ? 2 : 1;
}

/** Longer than any sentence of ours with a path in it. */
const MAX_LENGTH = 4_500;

/** On one line, like a finding of lint: `fairlead: error UnknownFlag: unknown option '--fast'`. */
function printError({ code, message, hints }: Mistake): string {
  return [`fairlead: error ${code}: ${message}`, ...hints.map((hint) => `(${hint})`), ""].join("\n");
}
