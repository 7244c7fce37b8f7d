import type { Scenario } from "./outcome.ts";

/** Runs a scenario and prints its figures; the promises that were broken, each with the figures beside it. */
export async function play(scenario: Scenario, durationMs: number): Promise<readonly string[]> {
  const { figures, broken } = await scenario.run(durationMs);
  const lines = Object.entries(figures).map(([name, value]) => `  ${name}: ${value}`);
  console.log([`${scenario.name}:`, ...lines].join("\n"));
  return broken;
}
