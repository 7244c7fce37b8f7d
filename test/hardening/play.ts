import { linesOf, type Scenario } from "./outcome.ts";

/** Runs a scenario and prints what it found beside its goals; gives the promises that were broken. */
export async function play(scenario: Scenario, durationMs: number): Promise<readonly string[]> {
  const outcome = await scenario.run(durationMs);
  console.log([`${scenario.name}:`, ...linesOf(outcome).map((line) => `  ${line}`)].join("\n"));
  return outcome.broken;
}
