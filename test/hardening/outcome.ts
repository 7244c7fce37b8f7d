import { goalLines, type Measured } from "./goals.ts";

/** What a scenario measured, and what in it is not as it must be. */
export type Outcome = {
  /** For the record: nothing passes or fails by these. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** Likewise for the record: what stands beside a goal. */
  readonly measured: Measured;
  /** One sentence for each broken promise; none if all were kept. */
  readonly broken: readonly string[];
};

/** Something that Fairlead must stand, at any length. */
export type Scenario = {
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly promise: string;
  readonly run: (durationMs: number) => Promise<Outcome>;
};

/** What a run found, a line each: the figures, and at the end the goals. */
export function linesOf({ figures, measured }: Outcome): readonly string[] {
  return [...Object.entries(figures).map(([name, value]) => `${name}: ${value}`), ...goalLines(measured)];
}

/** Keeps what is false of these, each with its sentence. */
export function brokenOf(promises: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(promises)
    .filter(([, kept]) => !kept)
    .map(([sentence]) => sentence);
}

/** Bytes as people read them. */
export function mib(bytes: number): string {
  return `${inMib(bytes).toFixed(1)} MiB`;
}

/** Bytes as the goals count them. */
export function inMib(bytes: number): number {
  return bytes / 1024 ** 2;
}
