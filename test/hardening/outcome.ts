/** What a scenario measured, and what in it is not as it must be. */
export type Outcome = {
  /** For the record: nothing passes or fails by these. */
  readonly figures: Readonly<Record<string, number | string>>;
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

/** Keeps what is false of these, each with its sentence. */
export function brokenOf(promises: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(promises)
    .filter(([, kept]) => !kept)
    .map(([sentence]) => sentence);
}

/** Bytes as people read them. */
export function mib(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
