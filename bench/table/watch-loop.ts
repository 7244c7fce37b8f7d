/** The longest that the event loop was not free, in ms: by the clock, and in CPU time of this thread, which other processes cannot lengthen. */
export type Blocks = { readonly longestMs: number; readonly longestCpuMs: number };

/** A watch over the event loop. */
export type LoopWatch = {
  /** Forgets what was seen so far. */
  readonly restart: () => void;
  readonly blocks: () => Blocks;
  readonly stop: () => void;
};

/** Goes round the event loop as fast as it turns; `onTurn` is called each time. Garbage collection counts. */
export function watchLoop(onTurn: () => void = () => undefined): LoopWatch {
  let longestMs = 0;
  let longestCpuMs = 0;
  let last = now();
  let isStopped = false;
  const turn = (): void => {
    if (isStopped) return;
    const at = now();
    longestMs = Math.max(longestMs, at.ms - last.ms);
    longestCpuMs = Math.max(longestCpuMs, at.cpuMs - last.cpuMs);
    last = at;
    onTurn();
    setImmediate(turn);
  };
  setImmediate(turn);
  return {
    restart: () => {
      longestMs = 0;
      longestCpuMs = 0;
      last = now();
    },
    blocks: () => ({ longestMs, longestCpuMs }),
    stop: () => {
      isStopped = true;
    },
  };
}

function now(): { readonly ms: number; readonly cpuMs: number } {
  const { user, system } = process.threadCpuUsage();
  return { ms: performance.now(), cpuMs: (user + system) / 1_000 };
}
