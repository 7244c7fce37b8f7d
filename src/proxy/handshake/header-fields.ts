import { ProxyError } from "../../base/failures.ts";
import { HOP_BY_HOP_FIELDS, isEditableField } from "../../base/field-names.ts";
import type { Field } from "../../base/request-facts.ts";
import type { HeaderEdits } from "../../table/routing-table.ts";

// Fields that a client could have removed, by naming them in Connection, to get past whoever reads them behind us.
const PROTECTED =
  /^(?:host|cookie|authorization|origin|forwarded|content-length|content-type|x-real-ip|x-request-id|x-forwarded-.*|sec-websocket-.*)$/;

const SAFE_LINE = /^[\t\u0020-\u007e\u0080-\u00ff]+$/;

/**
 * The pairs of Node's `rawHeaders`, in order. Names with an underscore are left out: some backends read `x_forwarded_for`
 * as X-Forwarded-For.
 */
export function readFields(rawHeaders: readonly string[]): readonly Field[] {
  const fields: Field[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!name.includes("_")) fields.push([name, rawHeaders[index + 1] ?? ""]);
  }
  return fields;
}

/** The values of each field by lower-cased name, in order of appearance. */
export function groupFields(fields: readonly Field[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const values = groups.get(key);
    if (values === undefined) groups.set(key, [value]);
    else values.push(value);
  }
  return groups;
}

/** The elements of a comma-separated list field (RFC 9110 5.6.1), trimmed, empty ones left out. */
export function listElements(values: readonly string[] | undefined): readonly string[] {
  const elements: string[] = [];
  for (const value of values ?? []) {
    for (const element of value.split(",")) {
      const trimmed = element.trim();
      if (trimmed !== "") elements.push(trimmed);
    }
  }
  return elements;
}

/** What the values of Connection name, options and fields alike, in lower case. */
export function connectionOptions(values: readonly string[] | undefined): ReadonlySet<string> {
  return new Set(listElements(values).map((option) => option.toLowerCase()));
}

/** Throws ProxyError BadRequest if Connection names a field that backends rely on, which would be removed on its word. */
export function requireHarmlessConnection(headers: ReadonlyMap<string, readonly string[]>): void {
  for (const name of connectionOptions(headers.get("connection"))) {
    if (PROTECTED.test(name)) throw new ProxyError("BadRequest", "the Connection field names a protected field");
  }
}

/** The fields that may pass a proxy: without hop-by-hop fields and those that Connection names. Casing and order are kept. */
export function endToEndFields(fields: readonly Field[]): readonly Field[] {
  const connection = fields.flatMap(([name, value]) => (/^connection$/i.test(name) ? value : []));
  const named = connectionOptions(connection);
  return fields.filter(([name]) => {
    const key = name.toLowerCase();
    return !HOP_BY_HOP_FIELDS.has(key) && !named.has(key);
  });
}

/**
 * Applies a rule's edits: remove, set, add, in this order. Hop-by-hop, framing and handshake fields are left alone;
 * translation refuses a rule that names one.
 */
export function editFields(fields: readonly Field[], edits: HeaderEdits): readonly Field[] {
  if (edits.remove.length + edits.set.length + edits.add.length === 0) return fields;
  const removed = new Set(edits.remove.filter(isEditableField).map((name) => name.toLowerCase()));
  const set = edits.set.filter(([name]) => isEditableField(name));
  const replaced = new Set(set.map(([name]) => name.toLowerCase()));
  const kept = fields.filter(([name]) => !removed.has(name.toLowerCase()) && !replaced.has(name.toLowerCase()));
  return [...kept, ...set, ...edits.add.filter(([name]) => isEditableField(name))];
}

/**
 * The bytes of a message head (RFC 9112 2.1): start line, fields, empty line. Field text is Latin-1, as Node reads it.
 * Throws a TypeError for text that would end a line early or lose its meaning in Latin-1: no table may bring it here.
 */
export function formatHead(startLine: string, fields: readonly Field[]): Buffer {
  let head = safeLine(startLine);
  for (const [name, value] of fields) head += safeLine(`${name}: ${value}`);
  return Buffer.from(`${head}\r\n`, "latin1");
}

function safeLine(line: string): string {
  if (!SAFE_LINE.test(line)) throw new TypeError("a line of a message head contains a forbidden character");
  return `${line}\r\n`;
}
