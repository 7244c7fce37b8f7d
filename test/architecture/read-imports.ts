import { existsSync, globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, normalize } from "node:path";
import { parseSync } from "oxc-parser";
import type { Edge } from "./layers.ts";

/** What one source file imports, types included. */
export type SourceFile = { readonly path: string; readonly edges: readonly Edge[] };

/** Parses every TypeScript file below a folder. Throws on a file that does not parse or an import that leads nowhere. */
export function readImports(root: string): readonly SourceFile[] {
  return globSync(`${root}/**/*.ts`)
    .toSorted()
    .map((path) => ({ path, edges: edgesOf(path, readFileSync(path, "utf8")) }));
}

/** The imports of one file: static, type-only, re-exported and dynamic. */
export function edgesOf(path: string, text: string): readonly Edge[] {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message ?? "does not parse"}`);
  const dynamic = module.dynamicImports.map(({ moduleRequest }) => literal(path, text, moduleRequest));
  if ((text.match(/\bimport\(/g) ?? []).length !== dynamic.length) {
    throw new Error(`${path}: writes a type as import(), which the checker cannot follow`);
  }
  const reexported = module.staticExports.flatMap(({ entries }) => entries.map((each) => each.moduleRequest?.value));
  const imported = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  return [...new Set([...imported, ...reexported, ...dynamic])]
    .filter((name) => name !== undefined)
    .filter((name) => !isBuiltin(name))
    .map((name) => edgeTo(path, name));
}

function literal(path: string, text: string, { start, end }: { readonly start: number; readonly end: number }): string {
  const [, name] = /^["'`]([^"'`$]+)["'`]$/.exec(text.slice(start, end)) ?? [];
  if (name === undefined) throw new Error(`${path}: imports what is not a literal: ${text.slice(start, end)}`);
  return name;
}

function edgeTo(from: string, name: string): Edge {
  if (!name.startsWith(".")) {
    return {
      from,
      to: name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/"),
      package: true,
    };
  }
  const to = normalize(join(from, "..", name));
  if (!existsSync(to)) throw new Error(`${from}: imports ${name}, which does not exist`);
  return { from, to, package: false };
}

/** A chain of files that import one another in a circle; null when there is none. */
export function findCircle(files: readonly SourceFile[]): readonly string[] | null {
  const edges = new Map(files.map(({ path, edges: all }) => [path, all.filter((edge) => !edge.package)]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const edge of edges.get(path) ?? []) {
      const circle = visit(edge.to, [...trail, path]);
      if (circle !== null) return circle;
    }
    done.add(path);
    return null;
  };
  return files.map(({ path }) => visit(path, [])).find((circle) => circle !== null) ?? null;
}
