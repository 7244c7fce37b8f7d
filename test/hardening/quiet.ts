import { percentile } from "./clients.ts";

/** Longer than this a quiet phase says nothing more. */
const MOST_MS = 60_000;

/**
 * Plays what a scenario measures while nothing else goes on, as long as the scenario, and gives the p99 of it in ms.
 * A quarter of that is played before, which pays for the compiler and is left out.
 */
export async function measureQuiet(
  durationMs: number,
  playFor: (ms: number) => Promise<readonly number[]>,
): Promise<number> {
  const quietMs = Math.min(MOST_MS, durationMs);
  await playFor(quietMs / 4);
  return percentile(await playFor(quietMs), 0.99);
}
