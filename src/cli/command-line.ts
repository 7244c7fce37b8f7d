import { Command, CommanderError, Option } from "commander";
import packageFile from "../../package.json" with { type: "json" };
import { type Flag, type FlagTexts, SERVE_FLAGS } from "../config/flags.ts";
import { fail } from "./complain.ts";
import { DEMO_DEFAULTS, runDemo } from "./demo.ts";
import { runEcho } from "./echo.ts";
import { QUICKSTART_ECHO_PORTS } from "./quickstart.ts";
import { runServe } from "./serve.ts";
import type { Surroundings } from "./surroundings.ts";

/** How a command ends: 0 done, 1 failed, 2 the command line was wrong. */
export type ExitCode = number;

type Run = (texts: FlagTexts, surroundings: Surroundings) => Promise<ExitCode>;

/** Runs one command line, without the program's own name, to its end. Never throws. */
export async function runCommandLine(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const ended = Promise.withResolvers<ExitCode>();
  const program = createProgram(surroundings, (run) => async (texts: FlagTexts) => {
    ended.resolve(await run(texts, surroundings));
  });
  try {
    await program.parseAsync([...words], { from: "user" });
    return await ended.promise;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return fail(error, surroundings);
  }
}

function createProgram(surroundings: Surroundings, act: (run: Run) => (texts: FlagTexts) => Promise<void>): Command {
  const program = new Command("fairlead")
    .description("A Kubernetes ingress controller whose first citizen is the WebSocket.")
    .version(packageFile.version)
    .exitOverride()
    .configureOutput({ writeOut: surroundings.write, writeErr: surroundings.writeError })
    .showHelpAfterError("(fairlead --help lists the commands)");
  const serve = program
    .command("serve")
    .description("Route by the manifests of a directory.")
    .action(act(runServe))
    .addHelpText("after", "\nExample:\n  fairlead serve --manifests ./manifests --http-address 127.0.0.1:8080");
  addFlags(serve, SERVE_FLAGS);
  const demo = program
    .command("demo")
    .description("Route manifests/quickstart to two echo servers, on 127.0.0.1.")
    .action(act(runDemo))
    .addHelpText("after", "\nExample:\n  fairlead demo --http-address 127.0.0.1:8081");
  addFlags(demo, SERVE_FLAGS, DEMO_DEFAULTS);
  demo.option(
    "--echo-ports <A,B>",
    "The ports of the two echo servers, on 127.0.0.1.",
    QUICKSTART_ECHO_PORTS.join(","),
  );
  program
    .command("echo")
    .description("Run a small WebSocket and HTTP echo server.")
    .option("--address <HOST:PORT>", "Listen here.", "127.0.0.1:9001")
    .option("--name <NAME>", "The name that it answers with.", "echo")
    .action(act(runEcho))
    .addHelpText("after", "\nExample:\n  fairlead echo --address 127.0.0.1:9001 --name blue");
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  return program;
}

function addFlags(command: Command, flags: readonly Flag[], defaults: FlagTexts = {}): void {
  for (const flag of flags) {
    const option = new Option(flag.usage, describe(flag, defaults));
    if (flag.repeatable) option.argParser((text, before: readonly string[] | undefined) => [...(before ?? []), text]);
    command.addOption(option);
  }
}

function describe(flag: Flag, defaults: FlagTexts): string {
  const text = defaults[flag.key] ?? flag.default;
  return text === null ? flag.meaning : `${flag.meaning} (default: ${String(text)})`;
}
