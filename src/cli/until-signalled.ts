import type { ExitCode } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";

/** Something that runs until it is told to drain. */
export type Drainable = {
  /** Says goodbye to everyone; resolves when the last has left, within the grace period. */
  readonly drain: () => Promise<void>;
  /** Cuts what is left, at once. */
  readonly stop: () => Promise<void>;
};

/** The signals that have come, and are to come. */
export type Signals = {
  readonly first: Promise<void>;
  readonly second: Promise<"again">;
  /** From now on a signal does what it would do without us. */
  readonly forget: () => void;
};

/** Takes SIGTERM and SIGINT over. Call it before anything starts: until then a signal ends the process on the spot. */
export function listenForSignals(surroundings: Pick<Surroundings, "onSignal">): Signals {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<"again">();
  let signals = 0;
  const forget = surroundings.onSignal(() => {
    signals += 1;
    if (signals === 1) first.resolve();
    else second.resolve("again");
  });
  return { first: first.promise, second: second.promise, forget };
}

/** Waits for the first signal and drains; a second signal cuts the drain short. Resolves to the exit code. */
export async function untilSignalled(running: Drainable, signals: Signals): Promise<ExitCode> {
  try {
    await signals.first;
    const drained = running.drain().then(() => "drained" as const);
    const outcome = await Promise.race([drained, signals.second]);
    if (outcome === "again") drained.catch(() => undefined);
    await running.stop();
    return outcome === "drained" ? 0 : 1;
  } finally {
    signals.forget();
  }
}
