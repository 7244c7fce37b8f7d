import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { writeAnnotations } from "../../../scripts/generate/annotations-page.ts";
import { writeCommandLine } from "../../../scripts/generate/cli-page.ts";
import { writeEditorSchema } from "../../../scripts/generate/editor-schema.ts";
import { code, writeTable } from "../../../scripts/generate/markdown.ts";
import { writeProblems } from "../../../scripts/generate/problems-page.ts";
import { readRouteDefinition, routeSchema } from "../../../scripts/generate/route-definition.ts";
import { writeRouteReference } from "../../../scripts/generate/route-reference.ts";
import { writeRouteTypes } from "../../../scripts/generate/route-types.ts";
import { writeFailures, writeFlags, writeMetrics } from "../../../scripts/generate/table-pages.ts";
import type { Schema } from "../../../src/api/validate/schema.ts";
import { ERROR_CODES } from "../../../src/base/error-codes.ts";
import { FAILURES } from "../../../src/base/failures.ts";
import { CODES } from "../../../src/cli/lint/codes.ts";
import { SERVE_FLAGS } from "../../../src/config/flags.ts";
import { LABELS } from "../../../src/observe/labels.ts";
import { METRICS } from "../../../src/observe/metrics.ts";
import { ANNOTATIONS } from "../../../src/translate/annotations/index.ts";

const definition = readRouteDefinition();
const schema = routeSchema(definition);

describe("the types", () => {
  it("leave out the mark of an optional member only where the schema requires it", () => {
    const types = writeRouteTypes(schema);
    expect(types).toContain("readonly rules: readonly WebSocketRouteRule[];");
    expect(types).toContain("readonly hostnames?: readonly string[];");
    expect(types).toContain('readonly minVersion?: "1.2" | "1.3";');
    expect(types).toContain("readonly port: number;");
    expect(types).toContain("readonly insecureSkipVerify?: boolean;");
  });

  it("are not written when two nodes of one name have come to differ", () => {
    const changed = without(schema, ["spec", "tls", "certificateRefs", "items"], "namespace");
    expect(() => writeRouteTypes(changed)).toThrow("differs from the other SecretReference");
  });

  it("are not written when a named node is gone", () => {
    expect(() => writeRouteTypes(without(schema, ["spec"], "tls"))).toThrow("a named node is not in the schema");
  });
});

describe("the editor's schema", () => {
  const folder = fileURLToPath(new URL("../../api/corpus/", import.meta.url));
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const validate = ajv.compile(JSON.parse(writeEditorSchema(schema)) as object);
  const judge = (name: string): boolean => validate(parse(readFileSync(`${folder}${name}`, "utf8")));

  /** JSON Schema knows no rule that a null member is an absent one. */
  const accepted = readdirSync(`${folder}accepted`).filter(
    (name) => name.startsWith("route-") && name !== "route-null-members.yaml",
  );

  it.each(accepted)("accepts %s", (name) => {
    expect(judge(`accepted/${name}`)).toBe(true);
  });

  it.each([
    "route-unknown-field.yaml",
    "route-no-rules.yaml",
    "route-host-twice.yaml",
    "route-host-upper-case.yaml",
    "route-backend-port.yaml",
    "route-duration-form.yaml",
    "route-tls-version.yaml",
  ])("refuses %s", (name) => {
    expect(judge(`refused/${name}`)).toBe(false);
  });
});

describe("the reference", () => {
  const reference = writeRouteReference(definition);

  it("has a section for every object, and a row for every member", () => {
    const written = objectsOf(schema, "").filter(([path]) => /^(?:spec|status)/u.test(path));
    expect(written.length).toBeGreaterThan(15);
    for (const [path, node] of written) {
      expect(reference).toContain(`## ${path}\n`);
      for (const name of Object.keys(node.properties ?? {})) expect(reference).toContain(`| \`${name}\``);
    }
  });

  it("has every rule of the schema", () => {
    for (const [, node] of objectsOf(schema, "")) {
      for (const rule of node["x-kubernetes-validations"] ?? []) expect(reference).toContain(rule.message);
    }
  });
});

it("every failure, reason, flag, annotation, metric and label has its row", () => {
  for (const name of Object.keys(FAILURES)) expect(writeFailures()).toContain(`| \`${name}\` |`);
  for (const name of Object.keys(ERROR_CODES)) expect(writeCommandLine()).toContain(`\n### ${name}\n`);
  for (const name of Object.keys(CODES)) expect(writeProblems()).toContain(`\n### ${name}\n`);
  for (const { name } of ANNOTATIONS) expect(writeAnnotations()).toContain(`</a>\`fairlead.dev/${name}\` |`);
  for (const name of [...METRICS.map((metric) => metric.name), ...Object.keys(LABELS)]) {
    expect(writeMetrics()).toContain(`| \`${name}\` |`);
  }
  for (const flag of SERVE_FLAGS) expect(writeFlags()).toContain(`| \`${flag.usage}\` |`);
});

it("an annotation that stands for a field names one that exists", () => {
  const rule = schema.properties?.["spec"]?.properties?.["rules"]?.items;
  const named = ANNOTATIONS.filter(({ field }) => field !== "");
  expect(named.length).toBeGreaterThan(10);
  for (const { field } of named) expect([field, findNode(rule, field.split("."))]).toEqual([field, expect.anything()]);
});

it("a cell cannot break out of its table", () => {
  expect(writeTable(["A", "B"], [["x|y", "one\ntwo"]])).toBe("| A | B |\n| --- | --- |\n| x\\|y | one two |");
  expect(code("a`b")).toBe("`` a`b ``");
  expect(code("")).toBe("");
});

/** A copy of a schema that lacks one member of the node at a path; `items` goes into a list. */
function without(node: Schema, path: readonly string[], member: string): Schema {
  const [step, ...rest] = path;
  if (step === "items" && node.items !== undefined) return { ...node, items: without(node.items, rest, member) };
  const properties = { ...node.properties };
  const next = step === undefined ? undefined : properties[step];
  if (step === undefined) delete properties[member];
  else if (next !== undefined) properties[step] = without(next, rest, member);
  return { ...node, properties };
}

function findNode(node: Schema | undefined, path: readonly string[]): Schema | undefined {
  const [step, ...rest] = path;
  if (node?.items !== undefined && step !== undefined) return findNode(node.items, path);
  return step === undefined ? node : findNode(node?.properties?.[step], rest);
}

function objectsOf(node: Schema, path: string): [string, Schema][] {
  const members = Object.entries(node.properties ?? {}).flatMap(([name, member]) =>
    objectsOf(member, path === "" ? name : `${path}.${name}`),
  );
  const items = node.items === undefined ? [] : objectsOf(node.items, `${path}[]`);
  return [...(node.type === "object" ? [[path, node] as [string, Schema]] : []), ...members, ...items];
}
