import type { Metadata } from "../../api/core.ts";
import { compareText } from "../../base/compare-text.ts";
import type { Report } from "../findings.ts";
import type { Annotation } from "./annotation.ts";
import { ANNOTATION_PREFIX } from "./index.ts";

/** A hostile object can carry thousands; nobody reads more than these. */
const MAX_REPORTED = 16;

/** Each unknown name costs a comparison with every known one. */
const MAX_COMPARED = 256;

const MAX_DISTANCE = 3;

/** The whole names that an object may carry, and what an unreadable value of each does. */
export type KnownAnnotations = ReadonlyMap<string, Annotation["onUnreadable"]>;

/** The annotations of an object under our prefix, in order of their names. */
export function ownAnnotations(metadata: Metadata): readonly (readonly [name: string, value: string])[] {
  return Object.entries(metadata.annotations ?? {})
    .filter(([name]) => name.startsWith(ANNOTATION_PREFIX))
    .toSorted(([a], [b]) => compareText(a, b));
}

/**
 * Reports annotations under our prefix that are not `known`. Returns the known names that may have been meant by one of
 * them and whose unreadable values refuse: without what its author wrote there, the object would open wider.
 */
export function reportUnknown(metadata: Metadata, known: KnownAnnotations, report: Report): readonly string[] {
  const unknown = ownAnnotations(metadata).filter(([name]) => !known.has(name));
  const judged = unknown.slice(0, MAX_COMPARED).map(([name, value]) => {
    const meant = nearest(name, known);
    return { name, value, meant, refuses: meant !== null && known.get(meant) === "refuse" };
  });
  for (const { name, value, meant, refuses } of judged.toSorted(refusingFirst).slice(0, MAX_REPORTED)) {
    const message = `There is no annotation of this name here.${meant === null ? "" : ` Is ${meant} meant?`}`;
    const effect = refuses ? "refused" : "ignored";
    report({ field: annotationField(name), value, reason: "InvalidAnnotation", message, effect });
  }
  if (unknown.length > MAX_COMPARED) return refuseUncompared(unknown.length, known, report);
  return judged.flatMap(({ meant, refuses }) => (meant !== null && refuses ? [meant] : []));
}

/** Where an annotation is in its object. */
export function annotationField(name: string): string {
  return `metadata.annotations[${name}]`;
}

function refusingFirst(a: { readonly refuses: boolean }, b: { readonly refuses: boolean }): number {
  return Number(b.refuses) - Number(a.refuses);
}

/** Among names that nobody compares, any could have been meant. */
function refuseUncompared(count: number, known: KnownAnnotations, report: Report): readonly string[] {
  const refusing = [...known].flatMap(([name, onUnreadable]) => (onUnreadable === "refuse" ? [name] : []));
  const message = `Of more than ${MAX_COMPARED} unknown annotations, no more are compared with those that exist.`;
  const effect = refusing.length > 0 ? "refused" : "ignored";
  report({ field: "metadata.annotations", value: count, reason: "InvalidAnnotation", message, effect });
  return refusing;
}

/** The known name that was meant, if one is near; of two equally near ones that which refuses. */
function nearest(written: string, known: KnownAnnotations): string | null {
  const letters = lettersOf(written);
  const near = [...known]
    .map(([name, onUnreadable]) => ({ name, refuses: onUnreadable === "refuse", letters: lettersOf(name) }))
    .filter((each) => Math.abs(each.letters.length - letters.length) <= MAX_DISTANCE)
    .map((each) => ({ ...each, distance: editDistance(letters, each.letters) }))
    .filter(({ distance }) => distance <= MAX_DISTANCE)
    .toSorted((a, b) => a.distance - b.distance || refusingFirst(a, b) || compareText(a.name, b.name));
  return near[0]?.name ?? null;
}

/** allowedOrigins and allowed_origins are allowed-origins, as people write them elsewhere. */
function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]/gu, "");
}

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
