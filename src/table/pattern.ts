import { RE2JS, RE2Set } from "re2js";
import { estimatePatternSize, MAX_ESTIMATED_SIZE } from "../base/pattern-size.ts";

/** The largest program that a pattern may compile to, in RE2's measure of cost. */
export const MAX_PROGRAM_SIZE = 200;

/** The most patterns that the entries of one host group may have in all, in paths, headers and query parameters. */
export const MAX_PATTERNS_PER_HOST = 32;

/** The longest text, in UTF-16 code units, that is ever tested against a pattern: longer paths are answered 414. */
export const MAX_TESTED_LENGTH = 2048;

/**
 * The most work that the patterns of one host may cause for a text: their program sizes together times its length. The
 * fastest engine gives up on some patterns, and then every instruction may be looked at for every character: so many steps
 * take about 5 ms (bench/table.ts measures it), and patterns of 100 instructions in all are tested at any length.
 */
export const MAX_TESTED_STEPS = 100 * MAX_TESTED_LENGTH;

/** The longest text that is tested on a host whose patterns have these program sizes together. */
export function testedLength(programSizes: number): number {
  return Math.min(MAX_TESTED_LENGTH, Math.floor(MAX_TESTED_STEPS / Math.max(1, programSizes)));
}

/**
 * What the states of one pattern's automaton may take, in the engine's count of bytes. They are built while texts are
 * tested, which is quick for patterns that need few. Of a hostile one each character makes another: it is cheaper then, by
 * five times, to follow the program itself, and the sooner the better. Unbounded it is 8 MiB a pattern.
 */
const AUTOMATON_BYTES = 24 * 1024;

/** A user's regular expression, ready to test. */
export type Pattern = {
  /** True when the whole text matches; a text longer than MAX_TESTED_LENGTH never does. */
  readonly matches: (text: string) => boolean;
  readonly programSize: number;
};

/** The pattern, or what was expected of it. */
export type ReadPattern =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly expected: string };

const TOO_COSTLY: ReadPattern = {
  ok: false,
  expected: `a simpler pattern: program size at most ${MAX_PROGRAM_SIZE}`,
};

/**
 * Reads a regular expression in RE2's syntax, which is matched in linear time; never throws.
 * User patterns go through here alone: a JavaScript RegExp would let them stop the process.
 */
export function readPattern(source: string): ReadPattern {
  if (source.length > MAX_TESTED_LENGTH) return { ok: false, expected: `at most ${MAX_TESTED_LENGTH} characters` };
  if (estimatePatternSize(source) > MAX_ESTIMATED_SIZE) return TOO_COSTLY;
  try {
    const programSize = RE2JS.compile(source).programSize();
    if (programSize > MAX_PROGRAM_SIZE) return TOO_COSTLY;
    const whole = wholeText(source);
    return { ok: true, pattern: { programSize, matches: (text) => text.length <= MAX_TESTED_LENGTH && whole(text) } };
  } catch (error) {
    return { ok: false, expected: `a regular expression in RE2 syntax (${reasonOf(error)})` };
  }
}

/** A set of one pattern: nothing else of the engine lets the automaton be bounded. */
function wholeText(source: string): (text: string) => boolean {
  const set = new RE2Set(RE2Set.ANCHOR_BOTH, 0, AUTOMATON_BYTES);
  set.add(source);
  set.compile();
  return (text) => set.match(text).length > 0;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 120) : "unreadable";
}
