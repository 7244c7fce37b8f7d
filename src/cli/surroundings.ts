import { readColourWish } from "../config/read-environment.ts";

/** What a command may touch of the process around it, as an argument, so that tests run commands in place. */
export type Surroundings = {
  /** True when standard output is a person's terminal. */
  readonly terminal: boolean;
  /** True when colours are welcome there (NO_COLOR and FORCE_COLOR are honoured). */
  readonly colour: boolean;
  /** Standard input, read by commands that are given `-` for a file. */
  readonly input: () => AsyncIterable<Uint8Array>;
  readonly write: (text: string) => void;
  /** Bytes that were written and not yet taken by whoever reads them. */
  readonly unwritten: () => number;
  readonly writeError: (text: string) => void;
  /** Calls back at each SIGTERM and SIGINT, and at a SIGHUP that says that a terminal is gone; returns a function that stops that. */
  readonly onSignal: (listener: (signal: string) => void) => () => void;
  /** Calls back at each SIGHUP that no terminal sent, by which servers are asked to reload; returns a function that stops that. */
  readonly onReload: (listener: () => void) => () => void;
};

/** The real process. */
export function processSurroundings(): Surroundings {
  const terminal = process.stdout.isTTY;
  // A reader that leaves must not take the connections with it.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  return {
    terminal,
    colour: readColourWish(process.stdout.isTTY),
    input: () => process.stdin,
    write: (text) => void process.stdout.write(text),
    unwritten: () => process.stdout.writableLength,
    writeError: (text) => void process.stderr.write(text),
    onSignal: (listener) => listen(terminal ? [...STOPS, "SIGHUP"] : STOPS, listener),
    onReload: (listener) => listen(terminal ? [] : ["SIGHUP"], listener),
  };
}

const STOPS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"];

function listen(signals: readonly NodeJS.Signals[], listener: (signal: string) => void): () => void {
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
