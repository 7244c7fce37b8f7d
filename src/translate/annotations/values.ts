import { type DurationField, readDuration } from "../settings.ts";
import type { IngressSettings, ReadAnnotation } from "./annotation.ts";

const MAX_ITEMS = 16;

/** Accepts what `parse` understands. */
export function accept<Value>(
  value: Value | null,
  expected: string,
  settings: (value: Value) => IngressSettings,
): ReadAnnotation {
  return value === null ? { ok: false, expected } : { ok: true, settings: settings(value) };
}

/** Accepts a duration within the bounds of its field, as it is written. */
export function acceptDuration(
  value: string,
  field: DurationField,
  settings: (duration: string) => IngressSettings,
): ReadAnnotation {
  const readable = readDuration(value, field) !== null;
  return accept(readable ? value : null, `a duration such as 10s or 1h30m, ${field.bounds}`, settings);
}

/** One of a closed list of words, exactly as it is written there; else null. */
export function readWord<const Word extends string>(value: string, words: readonly Word[]): Word | null {
  return words.find((word) => word === value) ?? null;
}

/** `true` or `false`, and nothing that merely looks like it; else null. */
export function readBoolean(value: string): boolean | null {
  const word = readWord(value, ["true", "false"]);
  return word === null ? null : word === "true";
}

/** A list with commas between its 1 to `maxItems` items, each accepted by `isItem`; else null. */
export function readList(
  value: string,
  isItem: (item: string) => boolean,
  maxItems: number = MAX_ITEMS,
): readonly string[] | null {
  const items = value.split(",", maxItems + 1).map((item) => item.trim());
  return items.length <= maxItems && items.every(isItem) ? items : null;
}

/** A name and a value. */
export type NameAndValue = { readonly name: string; readonly value: string };

/** 1 to 16 lines of `name: value`, each accepted by `isLine`; else null. */
export function readLines(value: string, isLine: (line: NameAndValue) => boolean): readonly NameAndValue[] | null {
  const lines = value
    .split("\n", 4 * MAX_ITEMS)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const pairs = lines.map(splitLine);
  return pairs.length > 0 && pairs.length <= MAX_ITEMS && pairs.every(isLine) ? pairs : null;
}

function splitLine(line: string): NameAndValue {
  const colon = line.indexOf(":");
  if (colon === -1) return { name: "", value: line };
  return { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
}
