import { type CompletedCommand, type CompletedFlag, PROGRAM_FLAGS, type Values } from "./completions.ts";

const OFFERS = { files: " -F", directories: " -a '(__fish_complete_directories)'", free: "" } as const;

/** A script for fish: ~/.config/fish/completions/fairlead.fish. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = [
    "# fish completion for fairlead: fairlead completion fish > ~/.config/fish/completions/fairlead.fish",
    "complete -c fairlead -f",
    ...PROGRAM_FLAGS.map((flag) => `complete -c fairlead -n __fish_use_subcommand ${flagText(flag)}`),
    ...commands.map(
      ({ name, summary }) => `complete -c fairlead -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
    ),
    ...commands.flatMap(commandLines),
  ];
  return `${lines.join("\n")}\n`;
}

function commandLines({ name, flags, operands }: CompletedCommand): readonly string[] {
  const head = `complete -c fairlead -n ${quote(`__fish_seen_subcommand_from ${name}`)}`;
  const words = operands === null ? "" : offer(operands);
  return [...flags.map((flag) => `${head} ${flagText(flag)}`), ...(words === "" ? [] : [`${head}${words}`])];
}

function flagText({ names, meaning, values }: CompletedFlag): string {
  const options = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const taken = values === null ? "" : ` ${values.type === "files" ? "-r" : "-x"}${offer(values)}`;
  return `${options.join(" ")}${taken} -d ${quote(meaning)}`;
}

function offer(values: Values): string {
  return values.type === "words" ? ` -a ${quote(values.words.join(" "))}` : OFFERS[values.type];
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
