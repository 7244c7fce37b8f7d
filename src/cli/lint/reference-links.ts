import type { Schema } from "../../api/validate/schema.ts";
import { WEB_SOCKET_ROUTE_SCHEMA } from "../../api/websocket-route-schema.ts";
import { parseField } from "../../files/place-fields.ts";
import { ANNOTATION_PREFIX, ANNOTATIONS } from "../../translate/annotations/index.ts";
import type { Code } from "./codes.ts";

const REFERENCE = "docs/reference";

/** Where the reference says what a code means and how it is mended. */
export function helpLink(code: Code): string {
  return `${REFERENCE}/problems.md#${slugOf(code)}`;
}

/** Where the reference describes a field of an object or an annotation; null for what Kubernetes itself describes. */
export function fieldLink(kind: string, field: string): string | null {
  const steps = parseField(field);
  if (steps[0] === "metadata" && steps[1] === "annotations") return annotationLink(String(steps[2] ?? ""));
  if (kind !== "WebSocketRoute" || steps[0] !== "spec") return null;
  return `${REFERENCE}/websocketroute.md#${slugOf(sectionOf(steps))}`;
}

function annotationLink(name: string): string | null {
  if (!name.startsWith(ANNOTATION_PREFIX)) return null;
  const known = ANNOTATIONS.some((row) => ANNOTATION_PREFIX + row.name === name);
  return `${REFERENCE}/annotations.md${known ? `#${name.slice(ANNOTATION_PREFIX.length)}` : ""}`;
}

/** The innermost object that holds the field: objects have sections in the reference, and other fields a row there. */
function sectionOf(steps: readonly (string | number)[]): string {
  let here: Walked = { node: WEB_SOCKET_ROUTE_SCHEMA, path: "", section: "spec" };
  for (const step of steps) {
    if (typeof step === "string") here = walk(here, step);
  }
  return here.section;
}

type Walked = { readonly node: Schema | undefined; readonly path: string; readonly section: string };

function walk({ node, path, section }: Walked, step: string): Walked {
  const member = node?.properties?.[step];
  const own = path === "" ? step : `${path}.${step}`;
  const { items } = member ?? {};
  if (items?.type === "object") return { node: items, path: `${own}[]`, section: `${own}[]` };
  return { node: member, path: own, section: member?.type === "object" ? own : section };
}

/** The anchor that renderers of Markdown give a heading. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, "")
    .replaceAll(" ", "-");
}
