import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Schema } from "../../src/api/validate/schema.ts";

const file = fileURLToPath(new URL("../../crds/websocketroutes.yaml", import.meta.url));
const text = readFileSync(file, "utf8");
const definition = parse(text) as {
  spec: { versions: { name: string; schema: { openAPIV3Schema: Schema }; additionalPrinterColumns: Column[] }[] };
};
type Column = { name: string; jsonPath: string; priority?: number };
const [version] = definition.spec.versions;
const root = version!.schema.openAPIV3Schema;
const nodes = [...nodesOf(root.properties!["spec"]!, "spec"), ...nodesOf(root.properties!["status"]!, "status")];

describe("the CRD", () => {
  it("is walked whole by this test", () => {
    expect(nodes.length).toBeGreaterThan(80);
  });

  it("has one version, so that nothing has to be converted", () => {
    expect(definition.spec.versions.map(({ name }) => name)).toEqual(["v1alpha1"]);
  });

  it("shows what kubectl get should, and the rest with -o wide", () => {
    const columns = version!.additionalPrinterColumns;
    expect(columns.filter(({ priority }) => priority === undefined).map(({ name }) => name)).toEqual([
      "Hosts",
      "Class",
      "Accepted",
      "Programmed",
      "Age",
    ]);
    expect(columns.filter(({ priority }) => priority === 1).map(({ name }) => name)).toEqual(["Backends", "Reason"]);
  });

  it("does not use anchors, which not every tool keeps", () => {
    expect(text).not.toMatch(/^\s*[^#\s].*:\s[&*][a-z]/mu);
  });
});

describe("every node of the schema", () => {
  it.each(nodes)("%s says what it means", (_, node) => {
    expect(node.description).toMatch(/[.;]$/u);
  });

  it.each(nodes.filter(([, node]) => node.type === "string"))("%s is bounded text", (_, node) => {
    expect(node.enum !== undefined || (node.maxLength ?? 0) > 0).toBe(true);
  });

  it.each(nodes.filter(([, node]) => node.type === "array"))(
    "%s is a bounded list that says how it merges",
    (_, node) => {
      expect(node.maxItems).toBeGreaterThan(0);
      expect(node.items).toBeDefined();
      expect(["atomic", "set", "map"]).toContain(node["x-kubernetes-list-type"]);
    },
  );

  it.each(nodes.filter(([, node]) => node["x-kubernetes-list-type"] === "map"))(
    "%s has keys that are always there",
    (_, node) => {
      for (const key of node["x-kubernetes-list-map-keys"] ?? []) expect(node.items?.required).toContain(key);
      expect(node["x-kubernetes-list-map-keys"]).toHaveLength(1);
    },
  );

  it.each(nodes.filter(([, node]) => node.type === "integer"))("%s is a bounded number", (path, node) => {
    expect(node.format).toBeDefined();
    expect(node.minimum).toBeDefined();
    expect(node.maximum !== undefined || path.startsWith("status")).toBe(true);
  });

  it.each(nodes.filter(([, node]) => node.type === "object"))(
    "%s names its members, and requires only those",
    (_, node) => {
      expect(Object.keys(node.properties ?? {})).not.toEqual([]);
      for (const name of node.required ?? []) expect(node.properties).toHaveProperty(name);
    },
  );

  it.each(nodes.filter(([, node]) => node.pattern !== undefined))("%s has an anchored RE2 pattern", (_, node) => {
    expect(node.pattern).toMatch(/^\^.*\$$/u);
    expect(RE2JS.compile(node.pattern!).programSize()).toBeLessThan(1500);
  });
});

function nodesOf(node: Schema, path: string): [string, Schema][] {
  const members = Object.entries(node.properties ?? {}).flatMap(([name, member]) => nodesOf(member, `${path}.${name}`));
  return [[path, node], ...members, ...(node.items === undefined ? [] : nodesOf(node.items, `${path}[]`))];
}
