import type { ParsedNode } from "yaml";
import type { FileLimits } from "./limits.ts";
import { nodeAt } from "./locate.ts";
import { tooManyObjects } from "./parse-yaml.ts";
import { type Plain, toPlain } from "./to-plain.ts";

/** One object of a file, whether written alone or as an item of a list. */
export type FoundObject = { readonly value: Plain; readonly node: ParsedNode };

type ListHead = { readonly itemApiVersion: string; readonly itemKind: string };

const listNesting = 4;

/**
 * Every object of a file in the order written, lists (`List`, `IngressList`) taken apart, each read when it is asked for.
 * Items of a typed list take apiVersion and kind from it. Throws ManifestSyntaxError where a document cannot be read.
 */
export function* findObjects(roots: readonly ParsedNode[], limits: FileLimits): Generator<FoundObject> {
  let count = 0;
  for (const root of roots) {
    for (const object of takeApart({ value: toPlain(root, limits), node: root }, 0)) {
      count += 1;
      if (count > limits.objectsPerFile) throw tooManyObjects(object.node.range[0], limits);
      yield object;
    }
  }
}

/** True for a mapping, as every Kubernetes object is. */
export function isMapping(value: Plain | undefined): value is { [key: string]: Plain } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function* takeApart(object: FoundObject, depth: number): Generator<FoundObject> {
  const items = isMapping(object.value) ? object.value["items"] : undefined;
  const head = readListHead(object.value);
  if (head === undefined || !Array.isArray(items) || depth === listNesting) {
    yield object;
    return;
  }
  const list = nodeAt(object.node, "items") ?? object.node;
  for (const [index, item] of items.entries()) {
    const node = nodeAt(list, index) ?? object.node;
    yield* takeApart({ value: inherit(head, item), node }, depth + 1);
  }
}

function readListHead(value: Plain): ListHead | undefined {
  if (!isMapping(value)) return undefined;
  const { kind, apiVersion } = value;
  if (typeof kind !== "string" || typeof apiVersion !== "string" || !kind.endsWith("List")) return undefined;
  return { itemApiVersion: apiVersion, itemKind: kind.slice(0, -"List".length) };
}

function inherit(head: ListHead, item: Plain): Plain {
  if (head.itemKind === "" || !isMapping(item)) return item;
  return { apiVersion: head.itemApiVersion, kind: head.itemKind, ...item };
}
