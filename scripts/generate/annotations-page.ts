import type { Annotation } from "../../src/translate/annotations/annotation.ts";
import { ANNOTATION_PREFIX, ANNOTATIONS } from "../../src/translate/annotations/index.ts";
import { code, origin, writePage, writeTable } from "./markdown.ts";

const titles = ["Annotation", "Default", "Example", "Meaning", "As a WebSocketRoute", "If unreadable"];

/** docs/reference/annotations.md: every annotation of ours that an Ingress may carry. */
export function writeAnnotations(): string {
  return writePage([
    origin("src/translate/annotations"),
    "# Annotations of an Ingress",
    `Each begins with ${code(ANNOTATION_PREFIX)} and holds for all rules of its Ingress. Most say what a field of a WebSocketRoute's rule says, in the same words; the rest is what only an Ingress needs.`,
    "An unknown annotation, and a value that cannot be read, is reported on the Ingress. Where the value decides who may connect, or where to, the rules then answer 503 instead of being served without it; elsewhere the default applies.",
    writeTable(titles, ANNOTATIONS.map(rowOf)),
  ]);
}

function rowOf(row: Annotation): readonly string[] {
  return [
    code(ANNOTATION_PREFIX + row.name),
    code(row.default),
    code(row.example),
    row.description,
    row.field === "" ? "" : code(`spec.rules[].${row.field}`),
    row.onUnreadable === "refuse" ? "refused with 503" : "reported, default applies",
  ];
}
