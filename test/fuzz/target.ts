/** Something that reads hostile input, and how to tell that it read it wrongly. */
export type Target = {
  readonly name: string;
  /** What mutation begins with: inputs that get far. */
  readonly seeds: () => readonly Uint8Array[];
  /** Words that mutation inserts, because chance would not find them. */
  readonly dictionary: readonly string[];
  /** Inputs longer than this are cut. */
  readonly maxBytes: number;
  /** How many inputs are tried at once, each on a trial of its own. */
  readonly lanes: number;
  readonly open: () => Promise<Trial>;
};

/** One place on which inputs are tried, one after the other. */
export type Trial = {
  /** Rejects, with a sentence, when the input shows a defect. */
  readonly judge: (input: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
};
