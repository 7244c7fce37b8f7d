import type { Machine } from "../base/machine.ts";
import type { MemoryLevel, MemoryUse } from "../base/memory.ts";
import type { Clock, Log, Timer } from "../base/ports.ts";
import { readMemory, share, tightest } from "./memory-reading.ts";

/** Looks at memory all the time, so that this process is never the one that is killed for it. */
export type MemoryWatch = {
  readonly level: () => MemoryLevel;
  /** As of the last look. */
  readonly uses: () => readonly MemoryUse[];
  readonly stop: () => void;
};

/** What a watch works with. */
export type MemoryWatchParts = {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly log: Log;
  /** Called at each look that finds the process at `shedding`: something is to be let go before the next one. */
  readonly shed: () => void;
};

/** How often it is looked. A replica that takes 2 000 handshakes a second grows by some 20 MiB in between. */
export const LOOK_MS = 500;

/** Where each level begins, and below what it ends: apart, so that it does not begin and end with every look. */
const LEVELS = { refusing: { from: 0.85, until: 0.8 }, shedding: { from: 0.95, until: 0.9 } } as const;

/** Begins to look, at once. */
export function watchMemory({ machine, clock, log, shed }: MemoryWatchParts): MemoryWatch {
  let level: MemoryLevel = "normal";
  let uses: readonly MemoryUse[] = [];
  let timer: Timer | null = null;
  const look = (): void => {
    timer = clock.after(LOOK_MS, look);
    uses = readMemory(machine);
    const use = tightest(uses);
    const next = nextLevel(level, share(use));
    if (next !== level) tell(log, next, use);
    level = next;
    if (level === "shedding") shed();
  };
  look();
  return { level: () => level, uses: () => uses, stop: () => timer?.stop() };
}

/** The level after a look that found this share of the tightest limit in use. */
export function nextLevel(level: MemoryLevel, used: number): MemoryLevel {
  const { refusing, shedding } = LEVELS;
  if (used >= shedding.from || (level === "shedding" && used >= shedding.until)) return "shedding";
  if (used >= refusing.from || (level !== "normal" && used >= refusing.until)) return "refusing";
  return "normal";
}

const SENTENCES = {
  normal: "there is enough memory again",
  refusing: "short of memory: new handshakes are refused",
  shedding: "nearly out of memory: open connections are being closed",
} as const;

function tell(log: Log, level: MemoryLevel, use: MemoryUse): void {
  const fields = { pressure: level, ...use, percent: Math.round(share(use) * 100) };
  if (level === "normal") log.info(fields, SENTENCES[level]);
  else log.warn(fields, SENTENCES[level]);
}
