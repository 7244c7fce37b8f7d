import { Argument, Command, CommanderError, Option } from "commander";
import packageFile from "../../package.json" with { type: "json" };
import type { ErrorCode } from "../base/error-codes.ts";
import { type Flag, type FlagTexts, flag } from "../config/flags.ts";
import type { CommandRow, Invocation } from "./command.ts";
import { UsageError } from "./complain.ts";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
import type { Format } from "./output.ts";
import type { Surroundings } from "./surroundings.ts";

/** A command to run, or the exit code of a command line that is answered already: help, a version. */
export type ParsedWords =
  | { readonly type: "run"; readonly row: CommandRow; readonly invocation: Invocation }
  | { readonly type: "answered"; readonly code: ExitCode };

/** What the program is, in one sentence. */
export const PROGRAM_SUMMARY = "A Kubernetes ingress controller whose first citizen is the WebSocket.";

/** Reads a command line, without the program's own name, by the table of commands; prints help itself. Throws UsageError. */
export function parseWords(
  words: readonly string[],
  commands: readonly CommandRow[],
  surroundings: Surroundings,
): ParsedWords {
  const parsed: { row: CommandRow; command: Command }[] = [];
  const said: string[] = [];
  const program = createProgram(surroundings, said);
  for (const row of commands) {
    const command = addCommand(program, row);
    command.action(() => void parsed.push({ row, command }));
  }
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const code = MISTAKES.get(error.code);
    if (code !== undefined) throw usageError(code, error, said);
    surroundings.writeError(said.join(""));
    return { type: "answered", code: error.exitCode === 0 ? 0 : 2 };
  }
  const [found] = parsed;
  return found === undefined ? { type: "answered", code: 2 } : { type: "run", ...found, ...read(found) };
}

/** The flags of a command, with -o if it prints results. */
export function flagsOf(row: CommandRow): readonly Flag[] {
  const [usual] = row.formats;
  if (usual === undefined) return row.flags;
  return [
    ...row.flags,
    flag("-o, --output <FORMAT>", `Print the result as ${either(row.formats)}.`, usual, row.formats),
  ];
}

/** The text that stands in for a flag that is not given; null when there is none. */
export function defaultOf(row: CommandRow, { key, default: usual }: Flag): string | null {
  const own = row.defaults[key];
  return own === undefined ? usual : String(own);
}

/** What commander calls the mistakes that it finds; anything else that it ends with is help or a version. */
const MISTAKES: ReadonlyMap<string, ErrorCode> = new Map([
  ["commander.unknownCommand", "UnknownCommand"],
  ["commander.unknownOption", "UnknownFlag"],
  ["commander.missingArgument", "MissingOperand"],
  ["commander.optionMissingArgument", "MissingValue"],
  ["commander.excessArguments", "ExcessOperand"],
  ["commander.invalidArgument", "InvalidArgument"],
]);

/** What commander says beside a mistake goes to `said`, for the mistake is printed by its code. */
function createProgram({ write, colour }: Surroundings, said: string[]): Command {
  return new Command("fairlead")
    .description(PROGRAM_SUMMARY)
    .version(packageFile.version)
    .exitOverride()
    .configureOutput({
      writeOut: write,
      writeErr: (text) => void said.push(text),
      getOutHasColors: () => colour,
      outputError: () => {},
    })
    .configureHelp({ styleTitle: (title) => (colour ? `\u001B[1m${title}\u001B[22m` : title) })
    .addHelpText("after", `\nfairlead COMMAND --help shows the flags of a command, and an example.\n${exitText()}`)
    .showHelpAfterError("(fairlead --help lists the commands)");
}

/** The mistake that commander found, with what may have been meant and where help is. */
function usageError(code: ErrorCode, { message }: CommanderError, said: readonly string[]): UsageError {
  const meant = /\n(\(Did you mean [\w ,-]+\?\))\n?$/.exec(message);
  const mistake = message.slice(0, meant?.index).replace(/^error: /, "");
  const hints = [...(meant?.slice(1) ?? []), ...said].map((text) => text.trim().replace(/^\((.*)\)$/, "$1"));
  return new UsageError([{ code, message: mistake.trimEnd(), hints }]);
}

function addCommand(program: Command, row: CommandRow): Command {
  const command = program.command(row.name).copyInheritedSettings(program).exitOverride();
  command.summary(row.summary).description([row.summary, ...row.details].join("\n\n"));
  for (const { name, meaning, required, variadic, values } of row.operands) {
    const dots = variadic ? "..." : "";
    const argument = new Argument(required ? `<${name}${dots}>` : `[${name}${dots}]`, meaning);
    command.addArgument(values.length === 0 ? argument : argument.choices(values));
  }
  for (const each of flagsOf(row)) command.addOption(optionOf(row, each));
  const examples = row.examples.map((example) => `  ${example}`).join("\n");
  const exits = exitText({ 1: row.failure });
  return command
    .showHelpAfterError(`(fairlead ${row.name} --help shows the flags and an example)`)
    .addHelpText("after", `\nExample${row.examples.length > 1 ? "s" : ""}:\n${examples}\n\n${exits}`);
}

function optionOf(row: CommandRow, each: Flag): Option {
  const usual = defaultOf(row, each);
  const option = new Option(each.usage, usual === null ? each.meaning : `${each.meaning} (default: ${usual})`);
  if (each.key === "output") return option.choices(each.values);
  if (each.repeatable) option.argParser((text, before: readonly string[] | undefined) => [...(before ?? []), text]);
  return option;
}

function read({ row, command }: { readonly row: CommandRow; readonly command: Command }): { invocation: Invocation } {
  const usual = flagsOf(row).map((each) => [each.key, row.defaults[each.key] ?? each.default ?? undefined] as const);
  const { output, ...flags }: FlagTexts = { ...Object.fromEntries(usual), ...command.opts<FlagTexts>() };
  const format = row.formats.find((each) => each === output) ?? "human";
  return { invocation: { operands: command.args, flags, format } };
}

function either(formats: readonly Format[]): string {
  return `${formats.slice(0, -1).join(", ")} or ${formats.at(-1) ?? ""}`;
}

function exitText(own: Partial<Record<ExitCode, string>> = {}): string {
  const lines = Object.entries({ ...EXIT_CODES, ...own }).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return ["Exit code:", ...lines].join("\n");
}
