import type { Flag } from "../../config/flags.ts";
import type { CommandRow } from "../command.ts";
import { flagsOf } from "../parse-words.ts";

/** What a shell is to offer in the place of a value: paths, directories, words, or nothing because the value is free. */
export type Values =
  | { readonly type: "files" | "directories" | "free" }
  | { readonly type: "words"; readonly words: readonly string[] };

/** A flag as a shell sees it; `values` is null for one that takes none. */
export type CompletedFlag = {
  /** `-o` and `--output`, or `--output` alone. */
  readonly names: readonly string[];
  readonly meaning: string;
  readonly values: Values | null;
  readonly repeatable: boolean;
};

/** A command as a shell sees it. */
export type CompletedCommand = {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** What its words beside flags may be; null if it takes none. */
  readonly operands: Values | null;
};

/** Flags of the program itself, before any command. */
export const PROGRAM_FLAGS: readonly CompletedFlag[] = [
  { names: ["-V", "--version"], meaning: "Print the version.", values: null, repeatable: false },
  { names: ["-h", "--help"], meaning: "Print help.", values: null, repeatable: false },
];

/** The table of commands as shells need it. */
export function describeCommands(commands: readonly CommandRow[]): readonly CompletedCommand[] {
  return commands.map((row) => {
    const [operand] = row.operands;
    const help = { names: ["-h", "--help"], meaning: "Print help.", values: null, repeatable: false };
    return {
      name: row.name,
      summary: row.summary,
      flags: [...flagsOf(row).map(describeFlag), help],
      operands: operand === undefined ? null : describeValues(operand.name, operand.values),
    };
  });
}

function describeFlag({ usage, meaning, values, repeatable }: Flag): CompletedFlag {
  const names = usage.split(/[\s,]+/).filter((word) => word.startsWith("-"));
  const [, placeholder] = /<([^>]+)>/.exec(usage) ?? [];
  const described = placeholder === undefined ? null : describeValues(placeholder, values);
  return { names, meaning, values: described, repeatable };
}

function describeValues(placeholder: string, words: readonly string[]): Values {
  if (words.length > 0) return { type: "words", words };
  if (placeholder === "DIR") return { type: "directories" };
  return { type: placeholder === "PATH" || placeholder === "FILE" ? "files" : "free" };
}
