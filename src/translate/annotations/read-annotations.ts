import type { Metadata } from "../../api/core.ts";
import { type Report, show } from "../findings.ts";
import type { Annotation, IngressSettings, ReadAnnotation } from "./annotation.ts";
import { ANNOTATION_PREFIX, ANNOTATIONS } from "./index.ts";
import { annotationField, type KnownAnnotations, ownAnnotations, reportUnknown } from "./report-unknown.ts";

const MAX_VALUE_LENGTH = 65_536;

const ROWS: ReadonlyMap<string, Annotation> = new Map(ANNOTATIONS.map((row) => [ANNOTATION_PREFIX + row.name, row]));

const KNOWN: KnownAnnotations = new Map([...ROWS].map(([name, { onUnreadable }]) => [name, onUnreadable]));

/** What the annotations of one Ingress say. */
export type ReadAnnotations = {
  readonly settings: IngressSettings;
  /** Why every rule of the Ingress is refused, or null. */
  readonly refusal: string | null;
  /** The names, without prefix, of those that could not be read, or that an unknown name may mean. */
  readonly unreadable: ReadonlySet<string>;
  /** The annotation that stands for a rule's field, if the Ingress carries one. */
  readonly locate: (field: string) => string | null;
};

/** Reads the annotations under our prefix. Unknown names and unreadable values are reported. */
export function readAnnotations(metadata: Metadata, report: Report): ReadAnnotations {
  const meant = reportUnknown(metadata, KNOWN, report);
  const present = ownAnnotations(metadata).flatMap(readAnnotation);
  for (const each of present) reportUnreadable(each, report);
  const settings = present.reduce<IngressSettings>(
    (merged, { read }) => (read.ok ? mergeSettings(merged, read.settings) : merged),
    {},
  );
  const refusal = refusalOf(present, meant);
  const twice = refuseTwoRewrites(settings, report);
  const rows = present.map(({ row }) => row);
  const unreadable = new Set([
    ...present.flatMap(({ row, read }) => (read.ok ? [] : [row.name])),
    ...meant.map((name) => name.slice(ANNOTATION_PREFIX.length)),
  ]);
  return { settings, refusal: refusal ?? twice, unreadable, locate: (field) => locate(rows, field) };
}

/** An annotation that an Ingress carries. */
type Present = {
  readonly row: Annotation;
  readonly field: string;
  readonly value: string;
  readonly read: ReadAnnotation;
};

function readAnnotation([name, value]: readonly [string, string]): readonly Present[] {
  const row = ROWS.get(name);
  return row === undefined ? [] : [{ row, field: annotationField(name), value, read: readValue(row, value) }];
}

function refusalOf(present: readonly Present[], meant: readonly string[]): string | null {
  const refusing = present.find(({ row, read }) => row.onUnreadable === "refuse" && !read.ok);
  if (refusing !== undefined) return `${show(refusing.field)} cannot be read.`;
  return meant[0] === undefined ? null : `An unknown annotation may mean ${meant[0]}.`;
}

function reportUnreadable({ row, field, value, read }: Present, report: Report): void {
  if (read.ok) return;
  const effect = row.onUnreadable === "refuse" ? "refused" : "ignored";
  report({ field, value, reason: "InvalidAnnotation", message: `Expected ${read.expected}.`, effect });
}

/** A path can be replaced in one way only, and nobody can say which was meant. */
function refuseTwoRewrites({ rewrite = {} }: IngressSettings, report: Report): string | null {
  const { replaceFullPath, replacePrefixMatch } = rewrite;
  if (replaceFullPath === undefined || replacePrefixMatch === undefined) return null;
  const field = annotationField(`${ANNOTATION_PREFIX}replace-prefix-match`);
  const message = "Expected either replace-full-path or replace-prefix-match, not both.";
  report({ field, value: replacePrefixMatch, reason: "InvalidAnnotation", message });
  return message;
}

function readValue(row: Annotation, value: string): ReadAnnotation {
  if (value.length <= MAX_VALUE_LENGTH) return row.read(value);
  return { ok: false, expected: `at most ${MAX_VALUE_LENGTH} characters` };
}

function mergeSettings(a: IngressSettings, b: IngressSettings): IngressSettings {
  return {
    timeouts: { ...a.timeouts, ...b.timeouts },
    keepalive: { ...a.keepalive, ...b.keepalive },
    drain: { ...a.drain, ...b.drain },
    ...(a.backendTLS === undefined && b.backendTLS === undefined
      ? {}
      : { backendTLS: { ...a.backendTLS, ...b.backendTLS } }),
    security: { ...a.security, ...b.security },
    match: { ...a.match, ...b.match },
    rewrite: { ...a.rewrite, ...b.rewrite },
    requestHeaders: { ...a.requestHeaders, ...b.requestHeaders },
    responseHeaders: { ...a.responseHeaders, ...b.responseHeaders },
    ingress: { ...a.ingress, ...b.ingress },
  };
}

function locate(present: readonly Annotation[], field: string): string | null {
  const plain = field.replaceAll(/\[\d+\]/gu, "");
  const row = present.find((each) => each.field !== "" && `${plain}.`.startsWith(`${each.field}.`));
  return row === undefined ? null : annotationField(ANNOTATION_PREFIX + row.name);
}
