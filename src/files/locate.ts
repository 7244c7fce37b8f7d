import { isMap, isScalar, isSeq, type ParsedNode } from "yaml";
import type { FieldPath } from "../api/validate/field-problem.ts";
import { isMergeKey, keyOf } from "./to-plain.ts";

/**
 * The offset where an author should look for a field: its value if that is on the field's own line, else its name. For a
 * field that is not written, the innermost part of its path that is.
 */
export function locate(root: ParsedNode, path: FieldPath): number {
  let offset = root.range[0];
  let node: ParsedNode | null = root;
  for (const step of path) {
    const found = childOf(node, step);
    if (found === undefined) return offset;
    offset = found.offset;
    node = found.node;
  }
  return offset;
}

/** The value that a field or an item of a list has in the text; undefined where it is not written, or is behind an alias. */
export function nodeAt(root: ParsedNode | null, step: string | number): ParsedNode | null | undefined {
  return childOf(root, step)?.node;
}

type Child = { readonly node: ParsedNode | null; readonly offset: number };

function childOf(parent: ParsedNode | null, step: string | number): Child | undefined {
  if (isSeq<ParsedNode>(parent)) {
    const item = typeof step === "number" ? parent.items[step] : undefined;
    return item === undefined ? undefined : { node: item, offset: item.range[0] };
  }
  if (!isMap<ParsedNode, ParsedNode | null>(parent)) return undefined;
  const pair = parent.items.find(({ key }) => !isMergeKey(key) && keyOf(key) === String(step));
  if (pair === undefined) return undefined;
  const { key, value } = pair;
  return { node: value, offset: isScalar(value) && isWritten(value) ? value.range[0] : key.range[0] };
}

function isWritten(value: ParsedNode): boolean {
  return value.range[1] > value.range[0];
}
