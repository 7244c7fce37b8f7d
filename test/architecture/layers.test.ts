import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Edge, judge, layerOf } from "./layers.ts";
import { edgesOf, findCircle, readImports } from "./read-imports.ts";

describe("the layers of docs/architecture.md", () => {
  const files = readImports("src");
  const edges = files.flatMap((file) => file.edges);

  test("the checker saw every file", () => {
    const onDisk = execFileSync("find", ["src", "-type", "f"], { encoding: "utf8" }).trim().split("\n").toSorted();
    expect(files.map((file) => file.path)).toEqual(onDisk);
    expect(onDisk.length).toBeGreaterThan(15);
  });

  test("the checker saw every name that a file's text says it imports", () => {
    for (const file of files) {
      const text = readFileSync(file.path, "utf8");
      const named = new Set(
        [...text.matchAll(/^(?:import|export|\}).*? from "((?!node:)[^"]+)";$/gm)].map((match) => match[1]),
      );
      expect({ ...file, seen: file.edges.length >= named.size }).toMatchObject({ seen: true });
    }
    expect(edges.length).toBeGreaterThan(files.length);
  });

  test("every file belongs to a layer", () => {
    expect(files.filter((file) => layerOf(file.path) === undefined)).toEqual([]);
  });

  test("nobody imports what its layer may not see", () => {
    expect(edges.map(judge).filter((verdict) => verdict !== null)).toEqual([]);
  });

  test("no import is circular", () => {
    expect(findCircle(files)).toBeNull();
  });
});

describe("the checker", () => {
  test("sees values, types, re-exports and dynamic imports, and not the builtins", () => {
    const text = `
      import { a } from "./layers.ts";
      import type { b } from "./read-imports.ts";
      export { c } from "@scope/name/deep";
      import "node:fs";
      const d = await import("ws");
    `;
    expect(edgesOf("test/architecture/x.ts", text).map((edge) => [edge.to, edge.package])).toEqual([
      ["test/architecture/layers.ts", false],
      ["test/architecture/read-imports.ts", false],
      ["@scope/name", true],
      ["ws", true],
    ]);
  });

  test.each([
    ["a file that does not parse", "import { from;"],
    ["an import that leads nowhere", 'import "./gone.ts";'],
    ["a computed import", "await import(name);"],
    ["a type written as an import", 'type A = import("./layers.ts").Layer;'],
  ])("refuses %s", (_title, text) => {
    expect(() => edgesOf("test/architecture/x.ts", text)).toThrow("test/architecture/x.ts");
  });

  test("finds a circle", () => {
    const edge = (from: string, to: string): Edge => ({ from, to, package: false });
    const file = (path: string, to: string): { path: string; edges: Edge[] } => ({ path, edges: [edge(path, to)] });
    expect(findCircle([file("a", "b"), file("b", "c"), file("c", "b")])).toEqual(["b", "c", "b"]);
    expect(findCircle([file("a", "b"), file("b", "c"), { path: "c", edges: [] }])).toBeNull();
  });

  test.each([
    ["translate cannot see the proxy", "src/translate/a.ts", "src/proxy/relay/relay.ts", false],
    ["the proxy cannot see translate", "src/proxy/http/a.ts", "src/translate/a.ts", false],
    ["the relay cannot see the handshake", "src/proxy/relay/a.ts", "src/proxy/handshake/a.ts", false],
    ["base imports nothing", "src/base/a.ts", "src/table/a.ts", false],
    ["base has no packages", "src/base/a.ts", "ws", true],
    ["only kube may have the Kubernetes client", "src/translate/a.ts", "@kubernetes/client-node", true],
    ["a file outside every layer is refused", "src/misc/a.ts", "src/base/a.ts", false],
  ])("knows that %s", (_title, from, to, isPackage) => {
    expect(judge({ from, to, package: isPackage })).toContain(from);
  });
});
