import type { Metadata } from "../../api/core.ts";
import { compareText } from "../../base/compare-text.ts";
import { type Report, show } from "../findings.ts";
import { ANNOTATION_PREFIX } from "./index.ts";

/** A hostile object can carry thousands; nobody reads more than these. */
const MAX_REPORTED = 16;

/** The annotations of an object under our prefix, in order of their names. */
export function ownAnnotations(metadata: Metadata): readonly (readonly [name: string, value: string])[] {
  return Object.entries(metadata.annotations ?? {})
    .filter(([name]) => name.startsWith(ANNOTATION_PREFIX))
    .toSorted(([a], [b]) => compareText(a, b));
}

/** Reports annotations under our prefix that are not among `known`, the whole names of those that such an object may carry. */
export function reportUnknown(metadata: Metadata, known: ReadonlySet<string>, report: Report): void {
  const unknown = ownAnnotations(metadata).filter(([name]) => !known.has(name));
  for (const [name, value] of unknown.slice(0, MAX_REPORTED)) {
    const message = `There is no annotation of this name here.${suggestion(name, known)}`;
    report({ field: annotationField(name), value, reason: "InvalidAnnotation", message, effect: "ignored" });
  }
}

/** Where an annotation is in its object. */
export function annotationField(name: string): string {
  return `metadata.annotations[${name}]`;
}

function suggestion(name: string, known: ReadonlySet<string>): string {
  const written = show(name, 100);
  const near = [...known]
    .map((each) => ({ each, distance: editDistance(written, each) }))
    .filter(({ distance }) => distance <= MAX_DISTANCE)
    .toSorted((a, b) => a.distance - b.distance || compareText(a.each, b.each));
  return near[0] === undefined ? "" : ` Is ${near[0].each} meant?`;
}

const MAX_DISTANCE = 3;

/** How many letters have to be added, taken away or exchanged to turn one text into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [at, other] of Array.from(to).entries()) {
      const exchanged = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
