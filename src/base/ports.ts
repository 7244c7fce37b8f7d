/** Time as an argument, so that tests own it. */
export type Clock = {
  /** Milliseconds since the epoch; may jump. */
  readonly wallMs: () => number;
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number;
  /** Calls back once after `ms`, without keeping the process alive. */
  readonly after: (ms: number, callback: () => void) => Timer;
};

/** A timer that can be stopped; stopping twice, or after it fired, does nothing. */
export type Timer = { readonly stop: () => void };

/** Fields of a log line; plain data only, never a header's or a Secret's value. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where parts of Fairlead write what an operator should read. */
export type Log = {
  readonly debug: (fields: LogFields, message: string) => void;
  readonly info: (fields: LogFields, message: string) => void;
  readonly warn: (fields: LogFields, message: string) => void;
  readonly error: (fields: LogFields, message: string) => void;
};
