import type { Blocks } from "./watch-loop.ts";

/** One line of the result: what was measured, and what 05-performance asks of it where it asks anything. */
export type Figure = { readonly what: string; readonly value: string; readonly target?: string };

/** The value below which `share` of the samples are. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** A number for people: three digits are enough. */
export function inUnit(value: number, unit: string): string {
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}

/** The longest block for people. */
export function describeBlocks({ longestMs, longestCpuMs }: Blocks): string {
  return `${inUnit(longestMs, "ms")} (${inUnit(longestCpuMs, "ms")} of CPU)`;
}

/** Lines up figures below a title. */
export function printFigures(title: string, figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ what }) => what.length));
  const lines = figures.map(({ what, value, target }) => {
    const asked = target === undefined ? "" : `   (${target})`;
    return `  ${what.padEnd(width)}  ${value}${asked}`;
  });
  return [title, ...lines, ""].join("\n");
}
