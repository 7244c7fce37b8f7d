import { runCommandLine } from "../../src/cli/command-line.ts";
import type { Surroundings } from "../../src/cli/surroundings.ts";
import { expose } from "./sentinels.ts";

/** How a command that ran in place ended, and what it wrote. */
export type PlaceRun = { readonly code: number; readonly out: string; readonly errors: string };

/** Surroundings of a test's own: no terminal, no input, no signals, and nobody who reads, unless said otherwise. */
export function makeSurroundings(own: Partial<Surroundings> = {}): Surroundings {
  return {
    terminal: false,
    colour: false,
    input: () => textInput(""),
    write: () => {},
    unwritten: () => 0,
    writeError: () => {},
    onSignal: () => () => {},
    onReload: () => () => {},
    ...own,
  };
}

/** A text as standard input, in pieces that end anywhere. */
export async function* textInput(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 7) yield await Promise.resolve(bytes.subarray(at, at + 7));
}

/** Runs one command line in this process, to its end. */
export async function runInPlace(words: readonly string[], own: Partial<Surroundings> = {}): Promise<PlaceRun> {
  const out: string[] = [];
  const errors: string[] = [];
  const writers = {
    write: keepIn(out),
    writeError: keepIn(errors),
  };
  const code = await runCommandLine(words, makeSurroundings({ ...writers, ...own }));
  return { code, out: out.join(""), errors: errors.join("") };
}

/** What people see of a command is also searched for secrets. */
function keepIn(texts: string[]): (text: string) => void {
  const exposed = expose("the output of a command");
  return (text) => {
    texts.push(text);
    exposed.add(text);
  };
}
