import { escapeText } from "../escape-text.ts";

const MAX_CELL = 120;
const GAP = "   ";

/** A table for a person: titles and rows, each column as wide as its widest cell. Foreign text is escaped and cut. */
export function printColumns(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, ...rows.map((row) => row.map((cell) => escapeText(cell, MAX_CELL)))];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const print = (line: readonly string[]): string =>
    line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(GAP);
  return lines.map((line) => `${print(line).trimEnd()}\n`).join("");
}
