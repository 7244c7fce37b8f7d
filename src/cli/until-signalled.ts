import type { Surroundings } from "./surroundings.ts";

/** Something that runs until it is told to drain. */
export type Drainable = {
  /** Says goodbye to everyone; resolves when the last has left, within the grace period. */
  readonly drain: () => Promise<void>;
  /** Cuts what is left, at once. */
  readonly stop: () => Promise<void>;
};

/** Waits for the first SIGTERM or SIGINT and drains; a second signal cuts the drain short. Resolves to the exit code. */
export async function untilSignalled(running: Drainable, surroundings: Surroundings): Promise<number> {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<"again">();
  let signals = 0;
  const forget = surroundings.onSignal(() => {
    signals += 1;
    if (signals === 1) first.resolve();
    else second.resolve("again");
  });
  try {
    await first.promise;
    const drained = running.drain().then(() => "drained" as const);
    const outcome = await Promise.race([drained, second.promise]);
    if (outcome === "again") drained.catch(() => undefined);
    await running.stop();
    return outcome === "drained" ? 0 : 1;
  } finally {
    forget();
  }
}
