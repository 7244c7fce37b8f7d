import { Command, InvalidArgumentError } from "commander";
import { messageOf } from "../src/base/message-of.ts";
import { linesOf, type Scenario } from "../test/hardening/outcome.ts";
import { SCENARIOS } from "../test/hardening/scenarios.ts";

/** Every scenario but the steady one says all that it has to say in ten minutes. */
const OTHERS_MS = 600_000;

const names = SCENARIOS.map(({ name }) => name);

function readHours(text: string): number {
  const hours = Number(text);
  if (!(hours > 0 && hours <= 240)) throw new InvalidArgumentError("expected hours, above 0 and up to 240");
  return hours;
}

function readScenario(text: string): string {
  if (text !== "all" && !names.includes(text)) {
    throw new InvalidArgumentError(`expected all, or one of ${names.join(", ")}`);
  }
  return text;
}

/** How long a scenario is played when so many hours were asked for. */
function lengthOf({ name }: Scenario, hours: number): number {
  const ms = hours * 3_600_000;
  return name === "steady" ? ms : Math.min(ms, OTHERS_MS);
}

/** Plays one scenario, prints what it found, and resolves to the number of broken promises. */
async function play(scenario: Scenario, hours: number): Promise<number> {
  const durationMs = lengthOf(scenario, hours);
  process.stdout.write(`\n${scenario.name}, for ${Math.round(durationMs / 60_000)} min: ${scenario.promise}\n`);
  try {
    const outcome = await scenario.run(durationMs);
    for (const line of linesOf(outcome)) process.stdout.write(`  ${line}\n`);
    for (const promise of outcome.broken) process.stdout.write(`  BROKEN: ${promise}\n`);
    return outcome.broken.length;
  } catch (error) {
    process.stdout.write(`  BROKEN: ${messageOf(error)}\n`);
    return 1;
  }
}

const { hours, scenario } = new Command("soak")
  .description("Plays the scenarios of test/hardening for a long time, and says whether every promise was kept.")
  .option("--hours <NUMBER>", "how long the steady load lasts; others last ten minutes at most", readHours, 2)
  .option("--scenario <NAME>", `all, or one of ${names.join(", ")}`, readScenario, "all")
  .addHelpText("after", "\nExample:\n  npm run soak -- --hours 2 --scenario steady")
  .parse()
  .opts<{ hours: number; scenario: string }>();

let broken = 0;
for (const each of SCENARIOS) if (scenario === "all" || scenario === each.name) broken += await play(each, hours);
process.stdout.write(`\n${broken === 0 ? "every promise was kept" : `${broken} broken`}\n`);
process.exitCode = broken === 0 ? 0 : 1;
