import { type Profiler, Session } from "node:inspector";

/** Tells which inputs reach code that none before them reached. */
export type Coverage = {
  /** True if a block of src/ ran since the last call that had never run before. */
  readonly grew: () => boolean;
  /** Blocks of src/ that have run. */
  readonly blocks: () => number;
  readonly stop: () => void;
};

/** Measures this process by V8's own block coverage. */
export function measureCoverage(): Coverage {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: true });
  const seen = new Set<string>();
  return {
    grew: () => {
      const before = seen.size;
      // Without a connection to another process the answer is there when `post` returns.
      session.post("Profiler.takePreciseCoverage", (_error, answer) => note(answer?.result ?? [], seen));
      return seen.size > before;
    },
    blocks: () => seen.size,
    stop: () => session.disconnect(),
  };
}

function note(scripts: readonly Profiler.ScriptCoverage[], seen: Set<string>): void {
  for (const { url, functions } of scripts) {
    if (!url.includes("/src/")) continue;
    for (const { ranges } of functions) {
      for (const { startOffset, endOffset, count } of ranges) {
        if (count > 0) seen.add(`${url} ${startOffset} ${endOffset}`);
      }
    }
  }
}
