import type { Schema } from "./schema.ts";

/** An object with foreign keys; made without a prototype, so that no key has a meaning of its own. */
export type Dictionary = Record<string, unknown>;

/** True for what JSON calls an object. */
export function isDictionary(value: unknown): value is Dictionary {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A copy in which absent and null members have the schema's defaults, and nulls without one are gone: what an API
 * server makes of a custom resource before it judges it. Members that the schema does not name are kept.
 */
export function applyDefaults(value: unknown, schema: Schema | undefined): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => applyDefaults(item, schema?.items));
  if (!isDictionary(value)) return value;
  const members = new Map(Object.entries(schema?.properties ?? {}));
  const copy: Dictionary = Object.create(null) as Dictionary;
  for (const [key, member] of Object.entries(value)) {
    if (member !== null || !members.has(key)) copy[key] = applyDefaults(member, members.get(key));
  }
  addDefaults(copy, members);
  return copy;
}

function addDefaults(copy: Dictionary, members: ReadonlyMap<string, Schema>): void {
  for (const [key, known] of members) {
    if (known.default !== undefined && !(key in copy)) copy[key] = applyDefaults(known.default, known);
  }
}
