const SHAPE = /^(?:[0-9]{1,5}(?:h|ms|m|s)){1,4}$/u;
const PART = /([0-9]{1,5})(h|ms|m|s)/gu;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
]);

/**
 * Reads a duration as Gateway API writes it (GEP-2257): one to four of `<digits>h|m|s|ms`, such as `1h30m` or `500ms`.
 * Gives whole milliseconds, or null when the text is anything else: a bare number, a sign, a fraction, a space.
 */
export function parseDuration(text: string): number | null {
  if (!SHAPE.test(text)) return null;
  let totalMs = 0;
  for (const [, digits, unit] of text.matchAll(PART)) {
    totalMs += Number(digits) * (UNIT_MS.get(unit ?? "") ?? 0);
  }
  return totalMs;
}
