import { ERROR_CODES } from "../../src/base/error-codes.ts";
import type { CommandRow } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXIT_CODES } from "../../src/cli/exit-codes.ts";
import { defaultOf, flagsOf, PROGRAM_SUMMARY } from "../../src/cli/parse-words.ts";
import { code, origin, writePage, writeTable } from "./markdown.ts";

/** docs/reference/cli.md: every command with its flags, examples and exit codes. */
export function writeCommandLine(): string {
  const rows = COMMANDS.map(({ name, summary }) => [`[${code(name)}](#fairlead-${name})`, summary]);
  const exits = Object.entries(EXIT_CODES).map(([each, meaning]) => [each, meaning]);
  return writePage([
    origin("src/cli/commands.ts and src/base/error-codes.ts"),
    "# The command line",
    PROGRAM_SUMMARY,
    "In a clone of the project `npm run -s fairlead -- COMMAND` runs it.",
    writeTable(["Command", "What it does"], rows),
    "## Exit codes",
    writeTable(["Code", "Meaning"], exits),
    "## Output",
    "Results go to standard output, everything else to standard error. Commands that print results print them for people, or with `-o json` and `-o yaml` for programs; fields are added to those, and never change their meaning. Colours are used on a terminal only, unless TERM is `dumb`; `NO_COLOR` (any value but empty) turns them off, `FORCE_COLOR` (any value but empty and 0) on. A reader that leaves early, such as `head`, ends nothing but the output.",
    "A path of `-` is standard input.",
    ...COMMANDS.flatMap(describeCommand),
    "## Errors",
    "What keeps a command from its work is told on standard error, a line each: `fairlead: error UnknownFlag: unknown option '--fast'`. With `-o json` or `-o yaml` it is one object there, and standard output stays empty: `errors`, a list of `code`, `message`, `hints` (what may have been meant, and where help is) and `help` (a section below). The exit code is 2 for mistakes of the command line, else 1; a command that ends with 1 and a result says in that what is to be mended. Errors of [/debug](debug.md) have the same codes, in the member `code`; the commands that ask a replica pass them on. Codes are stable; what is wrong in objects has those of [problems.md](problems.md), and a WebSocket that does not open those of [probe.md](probe.md).",
    ...Object.entries(ERROR_CODES).flatMap(([name, { meaning, mend }]) => [
      `### ${name}`,
      `${meaning} To mend it: ${mend}`,
    ]),
  ]);
}

function describeCommand(row: CommandRow): readonly string[] {
  const operands = row.operands.map(({ name, required, variadic }) => {
    const dots = variadic ? "..." : "";
    return required ? ` ${name}${dots}` : ` [${name}${dots}]`;
  });
  const flags = flagsOf(row).map((each) => [code(each.usage), code(defaultOf(row, each) ?? ""), each.meaning]);
  return [
    `## fairlead ${row.name}`,
    row.summary,
    ...row.details,
    ["```", `fairlead ${row.name}${flags.length > 0 ? " [FLAGS]" : ""}${operands.join("")}`, "```"].join("\n"),
    ...(row.operands.length === 0
      ? []
      : [
          writeTable(
            ["Word", "Meaning"],
            row.operands.map((each) => [code(each.name), wordMeaning(each)]),
          ),
        ]),
    ...(flags.length === 0 ? [] : [writeTable(["Flag", "Default", "Meaning"], flags)]),
    "Examples:",
    ["```", ...row.examples, "```"].join("\n"),
    `Exit code 1: ${row.failure}`,
  ];
}

function wordMeaning({ meaning, values }: CommandRow["operands"][number]): string {
  return values.length === 0 ? meaning : `${meaning} One of ${values.map(code).join(", ")}.`;
}
