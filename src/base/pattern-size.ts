/**
 * Patterns with a larger estimate are not compiled: it would take long, and what they compile to is refused all the same.
 * Far above any program that a route may have, because an estimate may be too high.
 */
export const MAX_ESTIMATED_SIZE = 1000;

/**
 * About how large a program a pattern in RE2's syntax compiles to, found without compiling it: counted repeats multiply
 * what they repeat. Linear in the pattern; the text need not be a valid pattern.
 */
export function estimatePatternSize(pattern: string): number {
  const open = [0];
  let atom = 0;
  let at = 0;
  const add = (size: number): void => {
    open.push((open.pop() ?? 0) + size);
  };
  while (at < pattern.length) {
    const step = pattern[at];
    const count = step === "{" ? readRepeat(pattern, at) : null;
    if (count !== null) {
      add(atom * Math.max(0, count.times - 1));
      atom *= count.times;
    } else if (step === "(") {
      open.push(0);
    } else {
      atom = step === ")" && open.length > 1 ? (open.pop() ?? 0) + 2 : 1;
      add(atom);
    }
    at += count?.length ?? lengthOfStep(pattern, at);
  }
  return open.reduce((sum, size) => sum + size, 0);
}

function readRepeat(pattern: string, at: number): { readonly times: number; readonly length: number } | null {
  const found = /^\{(\d{1,6})(?:,(\d{0,6}))?\}/.exec(pattern.slice(at, at + 16));
  if (found === null) return null;
  return { times: Math.max(Number(found[1]), Number(found[2] ?? 0)), length: found[0].length };
}

/** An escape or a class in brackets is one step. */
function lengthOfStep(pattern: string, at: number): number {
  if (pattern[at] === "\\") return 2;
  if (pattern[at] !== "[") return 1;
  let end = at + (pattern[at + 1] === "^" ? 3 : 2);
  while (end < pattern.length && pattern[end] !== "]") end += pattern[end] === "\\" ? 2 : 1;
  return end - at + 1;
}
