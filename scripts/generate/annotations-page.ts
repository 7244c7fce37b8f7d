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
    "A value that cannot be read is reported on the Ingress. Where it decides who may connect, or where to, the rules then answer 503 instead of being served without it; elsewhere the default applies.",
    `An unknown name is reported too. One that is at most three letters away from a name below, whatever their case and the signs between them, is treated like an unreadable value of the nearest: ${code(`${ANNOTATION_PREFIX}allowed-origin`)} refuses with 503, as a route must never open wider than its author wrote. Any other is ignored; but of an Ingress with more than 256 unknown names not all are compared, and its rules refuse.`,
    writeTable(titles, ANNOTATIONS.map(rowOf)),
  ]);
}

function rowOf(row: Annotation): readonly string[] {
  return [
    `<a id="${row.name}"></a>${code(ANNOTATION_PREFIX + row.name)}`,
    code(row.default),
    code(row.example),
    row.description,
    row.field === "" ? "" : code(`spec.rules[].${row.field}`),
    row.onUnreadable === "refuse" ? "refused with 503" : "reported, default applies",
  ];
}
