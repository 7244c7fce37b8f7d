import { setImmediate as nextTurn } from "node:timers/promises";
import type { FieldPath } from "../api/validate/field-problem.ts";
import type { ObjectRef } from "../base/problem.ts";
import { FILE_START, type FilePlace, type Position } from "./file-problem.ts";
import { findObjects } from "./find-objects.ts";
import { identify } from "./identify.ts";
import type { FileLimits } from "./limits.ts";
import { locate } from "./locate.ts";
import { keyOfRef } from "./object-key.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { ServedObject } from "./reconcile.ts";

/** A field of an object, as something that was found after it was read names it: translate, say. */
export type ObjectField = { readonly object: ObjectRef; readonly field: string };

const objectsPerSlice = 64;

type Finder = (ref: ObjectRef, path: FieldPath) => Position;

/**
 * Where each field is in the files that its object was read from, in the same order; null for an object that no file
 * holds. Reads the texts again, each once: positions are not kept, since they are seldom asked for.
 */
export async function placeFields(
  fields: readonly ObjectField[],
  objects: ReadonlyMap<string, ServedObject>,
  limits: FileLimits,
): Promise<readonly (FilePlace | null)[]> {
  const finders = new Map<string, Finder>();
  const placed: (FilePlace | null)[] = [];
  for (const { object, field } of fields) {
    const source = objects.get(keyOfRef(object))?.source;
    if (source === undefined) {
      placed.push(null);
      continue;
    }
    const find = finders.get(source.path) ?? (await readPositions(source.text, limits));
    finders.set(source.path, find);
    placed.push({ file: source.path, ...find(object, parseField(field)) });
  }
  return placed;
}

/** The path that a printed field means: `spec.rules[0].host`, `metadata.annotations[fairlead.dev/x]`. */
export function parseField(field: string): FieldPath {
  const steps = field.matchAll(/\[(?<index>\d+)\]|\[(?<key>[^\]]*)\]|(?<name>[^.[\]]+)/g);
  return [...steps].map(({ groups }) => {
    const index = groups?.["index"];
    return index === undefined ? (groups?.["key"] ?? groups?.["name"] ?? "") : Number(index);
  });
}

async function readPositions(text: string, limits: FileLimits): Promise<Finder> {
  const reading = await parseYaml(text, limits);
  if (!reading.ok) return () => FILE_START;
  const { roots, positionOf } = reading.documents;
  const nodes = new Map<string, Parameters<typeof locate>[0]>();
  let read = 0;
  for (const { value, node } of findObjects(roots, limits)) {
    read += 1;
    if (read % objectsPerSlice === 0) await nextTurn();
    const identity = identify(value);
    if (identity.type !== "watched") continue;
    const key = keyOfRef(identity.ref);
    if (!nodes.has(key)) nodes.set(key, node);
  }
  return (ref, path) => {
    const node = nodes.get(keyOfRef(ref));
    return node === undefined ? FILE_START : positionOf(locate(node, path));
  };
}
