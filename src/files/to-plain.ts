import { isAlias, isMap, isScalar, isSeq, type ParsedNode } from "yaml";
import type { FileLimits } from "./limits.ts";
import { ManifestSyntaxError, syntaxError } from "./yaml-syntax.ts";

/** JSON data. Objects hold only keys that were written: never `__proto__`. */
export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

type Converted = { readonly value: Plain; readonly nodes: number; readonly height: number };

type Conversion = {
  readonly limits: FileLimits;
  /** What each anchor stands for so far; a later anchor of the same name replaces an earlier one. */
  readonly anchors: Map<string, Converted>;
  aliasNodes: number;
};

type Build = {
  readonly object: { [key: string]: Plain };
  readonly written: Set<string>;
  nodes: number;
  height: number;
};

/**
 * One document as JSON data, aliases and merge keys resolved. Throws ManifestSyntaxError for what no Kubernetes object can
 * hold: duplicate keys, keys that are collections, `__proto__`, and aliases that grow beyond the limits.
 */
export function toPlain(root: ParsedNode, limits: FileLimits): Plain {
  return convert(root, 0, { limits, anchors: new Map(), aliasNodes: 0 }).value;
}

/** The key of a map's entry as JSON spells it, or undefined if it is a collection. */
export function keyOf(key: unknown): string | undefined {
  return isScalar(key) ? String(scalarValue(key.value)) : undefined;
}

function convert(node: ParsedNode | null, depth: number, run: Conversion): Converted {
  if (node === null) return { value: null, nodes: 1, height: 0 };
  if (isAlias(node)) return expand(node, depth, run);
  if (depth > run.limits.nesting) throw syntaxError("RESOURCE_EXHAUSTION", node.range[0]);
  const converted = convertCollection(node, depth, run);
  if (node.anchor !== undefined) run.anchors.set(node.anchor, converted);
  return converted;
}

function convertCollection(node: ParsedNode, depth: number, run: Conversion): Converted {
  if (isMap<ParsedNode, ParsedNode | null>(node)) return convertMap(node, depth, run);
  if (isSeq<ParsedNode>(node)) {
    const items = node.items.map((item) => convert(item, depth + 1, run));
    return {
      value: items.map((item) => item.value),
      nodes: items.reduce((sum, item) => sum + item.nodes, 1),
      height: items.reduce((most, item) => Math.max(most, item.height + 1), 1),
    };
  }
  return { value: isScalar(node) ? scalarValue(node.value) : null, nodes: 1, height: 0 };
}

function convertMap(
  node: { readonly items: readonly { readonly key: ParsedNode; readonly value: ParsedNode | null }[] },
  depth: number,
  run: Conversion,
): Converted {
  const build: Build = { object: {}, written: new Set(), nodes: 1, height: 1 };
  for (const { key, value } of node.items) {
    const name = keyOf(key);
    if (name === undefined) throw syntaxError("NON_STRING_KEY", key.range[0]);
    if (name === "__proto__") throw forbiddenKey(key.range[0]);
    if (isMergeKey(key)) {
      merge(build, value, depth, run);
      continue;
    }
    if (build.written.has(name)) throw syntaxError("DUPLICATE_KEY", key.range[0]);
    const converted = convert(value, depth + 1, run);
    build.written.add(name);
    build.object[name] = converted.value;
    build.nodes += converted.nodes;
    build.height = Math.max(build.height, converted.height + 1);
  }
  return { value: build.object, nodes: build.nodes, height: build.height };
}

/** True for the plain key `<<`, which copies other maps in (https://yaml.org/type/merge.html). */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.source === "<<" && (key.type === "PLAIN" || key.type === undefined);
}

function merge(build: Build, value: ParsedNode | null, depth: number, run: Conversion): void {
  const converted = convert(value, depth, run);
  for (const source of Array.isArray(converted.value) ? converted.value : [converted.value]) {
    if (source === null || typeof source !== "object" || Array.isArray(source)) {
      throw new ManifestSyntaxError(value?.range[0] ?? 0, {
        message: "a merge key has no mapping to merge",
        expected: "an alias of a mapping, or a list of them, after <<:",
      });
    }
    for (const [key, inner] of Object.entries(source)) {
      if (!Object.hasOwn(build.object, key)) build.object[key] = inner;
    }
  }
  build.nodes += converted.nodes;
  build.height = Math.max(build.height, converted.height);
}

function expand(alias: ParsedNode & { readonly source?: string }, depth: number, run: Conversion): Converted {
  const found = run.anchors.get(alias.source ?? "");
  if (found === undefined) {
    throw new ManifestSyntaxError(alias.range[0], {
      message: "an alias names an anchor that is not set before it",
      expected: "an anchor (&name) earlier in the document",
    });
  }
  run.aliasNodes += found.nodes;
  if (run.aliasNodes > run.limits.aliasNodes || depth + found.height > run.limits.nesting) {
    throw new ManifestSyntaxError(alias.range[0], {
      message: "the aliases of this document grow beyond what is read",
      expected: `at most ${run.limits.aliasNodes} values copied by aliases, ${run.limits.nesting} levels deep`,
    });
  }
  return found;
}

function forbiddenKey(offset: number): ManifestSyntaxError {
  return new ManifestSyntaxError(offset, { message: "a key is named __proto__", expected: "another name" });
}

function scalarValue(value: unknown): string | number | boolean | null {
  if (typeof value === "string" || typeof value === "boolean") return value;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
