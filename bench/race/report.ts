import type { Case } from "./cases.ts";
import type { Sample } from "./measure.ts";

/** One measurement, with what it is of. */
export type Result = Sample & { readonly case: string; readonly rival: string; readonly round: number };

/** One cell of the table: medians over the rounds. */
export type Cell = {
  readonly cost: number;
  /** To the first rival, of the same round each; null where that was not measured. */
  readonly ratio: number | null;
  readonly lowest: number | null;
  readonly highest: number | null;
};

/** The middle value; the mean of the two middle ones of an even number. Not for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError("nothing has no median");
  return (upper + lower) / 2;
}

/** What a rival cost in a case, and how that compares to `base`; null where it was not measured. */
export function summarise(results: readonly Result[], of: Pick<Result, "case" | "rival">, base: string): Cell | null {
  const own = results.filter((result) => result.case === of.case && result.rival === of.rival);
  if (own.length === 0) return null;
  const ratios = own.flatMap((result) => {
    const same = results.find((each) => each.case === of.case && each.rival === base && each.round === result.round);
    return same === undefined || same.cost <= 0 ? [] : [result.cost / same.cost];
  });
  const cost = median(own.map((result) => result.cost));
  if (ratios.length === 0) return { cost, ratio: null, lowest: null, highest: null };
  return { cost, ratio: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}

/** The table in Markdown, padded so that it can be read as it is: costs of the first rival, and the others' ratios to it. */
export function formatTable(cases: readonly Case[], rivals: readonly string[], results: readonly Result[]): string {
  const [base = ""] = rivals;
  const rows = cases.map((work) => [
    work.name,
    ...rivals.map((rival) => formatCell(work, summarise(results, { case: work.name, rival }, base), rival === base)),
  ]);
  return align([["", ...rivals], ...rows]);
}

function formatCell({ kind }: Case, cell: Cell | null, isBase: boolean): string {
  if (cell === null) return "-";
  const unit = kind === "idle" ? "KiB" : "us";
  const { cost, ratio, lowest, highest } = cell;
  if (isBase || ratio === null || lowest === null || highest === null) return `${cost.toFixed(1)} ${unit}`;
  const spread = lowest === highest ? "" : ` (${lowest.toFixed(2)}-${highest.toFixed(2)})`;
  return kind === "idle" ? `${cost.toFixed(1)} ${unit}, ${ratio.toFixed(2)}x` : `${ratio.toFixed(2)}x${spread}`;
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}
