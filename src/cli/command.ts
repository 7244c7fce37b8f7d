import type { Flag, FlagTexts } from "../config/flags.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Format } from "./output.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a command line said to one command. */
export type Invocation = {
  /** The words that are no flags, such as paths and URLs, in order. */
  readonly operands: readonly string[];
  /** The flags by their keys, with the defaults of those that were not given. */
  readonly flags: FlagTexts;
  /** How results are to be printed; the first of the command's formats unless -o says otherwise. */
  readonly format: Format;
};

/** What a command takes beside flags. */
export type Operand = {
  /** In capitals; `PATH` and `DIR` are completed as such by the shell. */
  readonly name: string;
  readonly meaning: string;
  readonly required: boolean;
  /** True if several may be given. */
  readonly variadic: boolean;
  /** Every value that there is; empty where the value is free. */
  readonly values: readonly string[];
};

/** One command: everything that help, docs/reference/cli.md and shell completion say of it. */
export type CommandRow = {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Prose for help and the reference, a paragraph an item; none where the summary says it all. */
  readonly details: readonly string[];
  readonly operands: readonly Operand[];
  readonly flags: readonly Flag[];
  /** Defaults that differ from those of the flags, by key. */
  readonly defaults: FlagTexts;
  /** What -o offers, the default first; empty for a command that prints no results. */
  readonly formats: readonly Format[];
  /** Command lines that work, beginning with `fairlead`; the first is the simplest. */
  readonly examples: readonly [string, ...string[]];
  /** When the exit code is 1. */
  readonly failure: string;
  /** Does the work. Resolves to the exit code; may throw, which ends the command with 1 and the error's message. */
  readonly run: (invocation: Invocation, surroundings: Surroundings) => Promise<ExitCode>;
};
