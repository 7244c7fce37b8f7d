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
  /** Called when something is to be let go: so many bytes, if it is known whose they are. */
  readonly shed: (excessBytes: number) => void;
};

/** How often it is looked: clients that stop reading all at once fill some tens of MiB in between. A look costs 0.1 ms. */
export const LOOK_MS = 100;

/** Where each level begins, and below what it ends: apart, so that it does not begin and end with every look. */
const LEVELS = { refusing: { from: 0.85, until: 0.8 }, shedding: { from: 0.95, until: 0.9 } } as const;

/** More is shed only while more is used: what was let go is given back when V8 and the allocator see fit, not at once. */
const GROWTH = 0.005;
/** From here on it is shed at every look. */
const LAST_RESORT = 0.98;

/** Begins to look, at once. */
export function watchMemory({ machine, clock, log, shed }: MemoryWatchParts): MemoryWatch {
  let level: MemoryLevel = "normal";
  let uses: readonly MemoryUse[] = [];
  let timer: Timer | null = null;
  let shedAt = 0;
  const look = (): void => {
    timer = clock.after(LOOK_MS, look);
    uses = readMemory(machine);
    const use = tightest(uses);
    const used = share(use);
    const next = nextLevel(level, used);
    if (next !== level) tell(log, next, use);
    level = next;
    if (level !== "shedding") shedAt = 0;
    else if (used >= Math.min(shedAt + GROWTH, LAST_RESORT)) {
      shedAt = used;
      shed(excessOf(use));
    }
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

/** What the process holds beyond the end of `shedding`. What fills the heap of JavaScript is not what connections queue. */
function excessOf({ source, usedBytes, limitBytes }: MemoryUse): number {
  return source === "heap" ? 0 : Math.max(0, usedBytes - LEVELS.shedding.until * limitBytes);
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
