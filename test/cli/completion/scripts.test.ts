import { expect, test } from "vitest";
import type { CommandRow } from "../../../src/cli/command.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { describeCommands } from "../../../src/cli/completion/completions.ts";
import { fishScript } from "../../../src/cli/completion/fish.ts";
import { zshScript } from "../../../src/cli/completion/zsh.ts";
import { flag, repeatable } from "../../../src/config/flags.ts";

const ROW: CommandRow = {
  name: "try",
  summary: "Somebody's try.",
  details: [],
  operands: [{ name: "PATH", meaning: "Where.", required: true, variadic: true, values: [] }],
  flags: [
    flag("--within <DIR>", "A [directory]: that's it."),
    repeatable("--host <NAME>", "A host."),
    flag("--strict", "Be strict."),
  ],
  defaults: {},
  formats: ["human", "json"],
  examples: ["fairlead try"],
  failure: "Never.",
  run: () => Promise.resolve(0),
};

// Tried in fish 3.6: each line is what its `complete` takes.
test("fish is told commands, flags, values, and where files are meant", () => {
  const lines = fishScript(describeCommands([ROW])).split("\n");
  const head = "complete -c fairlead -n '__fish_seen_subcommand_from try'";
  expect(lines).toContain("complete -c fairlead -n __fish_use_subcommand -a try -d 'Somebody\\'s try.'");
  expect(lines).toContain(`${head} -l within -x -a '(__fish_complete_directories)' -d 'A [directory]: that\\'s it.'`);
  expect(lines).toContain(`${head} -l strict -d 'Be strict.'`);
  expect(lines).toContain(`${head} -s o -l output -x -a 'human json' -d 'Print the result as human or json.'`);
  expect(lines).toContain(`${head} -F`);
});

// Tried in zsh 5.9: each spec is one of _arguments.
test("zsh is told the same, with its own signs escaped", () => {
  const script = zshScript(describeCommands([ROW]));
  expect(script).toContain("'try:Somebody'\\''s try.'");
  expect(script).toContain("'(--within)--within=[A \\[directory\\]\\: that'\\''s it.]:value:_files -/'");
  expect(script).toContain("'*--host=[A host. May be given several times.]:value: '");
  expect(script).toContain("'(-o --output)-o[Print the result as human or json.]:value:(human json)'");
  expect(script).toContain("'*: :_files'");
});

test("every script names every command and flag", () => {
  const commands = describeCommands(COMMANDS);
  const [fish, zsh] = [fishScript(commands), zshScript(commands)];
  for (const { name, flags } of commands) {
    expect(fish).toContain(`__fish_seen_subcommand_from ${name}`);
    expect(zsh).toContain(`\n    ${name})\n`);
    for (const long of flags.flatMap(({ names }) => names).filter((each) => each.startsWith("--"))) {
      expect(fish).toContain(`-l ${long.slice(2)}`);
      expect(zsh).toContain(long);
    }
  }
});
