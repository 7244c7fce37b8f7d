import { styleText } from "node:util";
import { show } from "../../translate/findings.ts";
import { type Finding, printPlace } from "./finding.ts";
import type { Severity } from "./hints.ts";

const COLOURS = { error: "red", warning: "yellow", info: "cyan" } as const satisfies Record<Severity, string>;

const MAX_EXCERPT = 160;

/** Gives the line of a file that may be shown; null where it might hold a Secret. */
export type ReadLine = (file: string, line: number) => string | null;

/** Findings for people: place, severity, code and sentence on one line, then the source and where to read on. */
export function printFindings(findings: readonly Finding[], readLine: ReadLine, colour: boolean): string {
  return findings
    .map((finding) => `${[printHead(finding, colour), ...printRest(finding, readLine, colour)].join("\n")}\n`)
    .join("\n");
}

/** A finding on one line: `a.yaml:3:7: error BackendNotFound: Service apps/chat does not exist.` */
export function printHead(finding: Finding, colour: boolean): string {
  const { severity, code, message, expected } = finding;
  const tail = expected === "" ? "" : ` (expected: ${expected})`;
  const paint = colour ? styleText([COLOURS[severity], "bold"], severity, { validateStream: false }) : severity;
  return `${show(printPlace(finding), 1_000)}: ${paint} ${code}: ${show(message + tail, 2_000)}`;
}

/** How many findings there are of each severity, in words. */
export function printCounts(findings: readonly Finding[], files: number): string {
  const count = (severity: Severity): number => findings.filter((each) => each.severity === severity).length;
  const words = [
    plural(count("error"), "error"),
    plural(count("warning"), "warning"),
    `${count("info")} for information`,
  ];
  return `${plural(files, "file")}: ${words.join(", ")}\n`;
}

function printRest(finding: Finding, readLine: ReadLine, colour: boolean): readonly string[] {
  const { object, field, value, rival, reference, help } = finding;
  const written = value === "" ? "" : ` (${show(value)})`;
  return [
    ...(object === "" ? [] : [`  in ${show(object, 600)}${field === "" ? "" : `, ${show(field, 400)}${written}`}`]),
    ...excerpt(finding, readLine, colour),
    ...(rival === null ? [] : [`  against ${show(rival.object, 600)} at ${show(printPlace(rival), 1_000)}`]),
    `  see ${help}${reference === null ? "" : ` and ${reference}`}`,
  ];
}

function excerpt({ file, line, column }: Finding, readLine: ReadLine, colour: boolean): readonly string[] {
  const source = line === 0 ? null : readLine(file, line);
  if (source === null || source.length > MAX_EXCERPT || source.trim() === "") return [];
  const margin = String(line);
  // Tabs stay, so that the caret stands where the eye sees the character.
  const indent = source.slice(0, column - 1).replaceAll(/[^\t]/g, " ");
  const caret = colour ? styleText("bold", "^", { validateStream: false }) : "^";
  const shown = source
    .split("\t")
    .map((part) => show(part, MAX_EXCERPT))
    .join("\t");
  return [`  ${margin} | ${shown}`, `  ${" ".repeat(margin.length)} | ${indent}${caret}`];
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
