import { Environment } from "@marcbachmann/cel-js";
import { describe, expect, it } from "vitest";
import { createCelCompiler } from "../../../src/api/validate/cel-environment.ts";
import { compileCelRules, escapeName } from "../../../src/api/validate/cel-rules.ts";
import type { CelRule, Schema } from "../../../src/api/validate/schema.ts";
import { WEB_SOCKET_ROUTE_SCHEMA } from "../../../src/api/websocket-route-schema.ts";

/** What both Kubernetes 1.31 and cel-js have; anything else would be judged in one place only. */
const supported = new Set(
  "has size all exists exists_one map filter duration bytes matches startsWith endsWith contains lowerAscii".split(" "),
);

const rules = rulesOf(WEB_SOCKET_ROUTE_SCHEMA, "");

describe("the rules of the CRD", () => {
  it("are found by this test", () => {
    expect(rules.length).toBeGreaterThan(25);
  });

  it.each(rules)("%s: %s parses, and uses what both engines have", (_, text) => {
    const parsed = new Environment().registerVariable("self", "dyn").parse(text);
    expect(callsOf(parsed.ast).filter((name) => !supported.has(name))).toEqual([]);
    expect(identifiersOf(parsed.ast)).not.toContain("oldSelf");
  });

  it.each(rules)("%s: %s has a message, a reason, and a field that exists", (_path, _text, rule, node) => {
    expect(rule.message).not.toBe("");
    expect(rule.reason).toBeDefined();
    const member = rule.fieldPath?.slice(1);
    expect(member === undefined || Object.hasOwn(node.properties ?? {}, member)).toBe(true);
  });
});

describe("a compiled rule", () => {
  const judge = (rule: string, self: unknown, fieldPath?: string) => {
    const text: Schema = { type: "string" };
    const node: Schema = {
      type: "object",
      properties: { text, count: { type: "integer" }, namespace: text, list: { type: "array", items: text } },
      "x-kubernetes-validations": [{ rule, message: "is wrong", ...(fieldPath === undefined ? {} : { fieldPath }) }],
    };
    const root: Schema = { type: "object", properties: { spec: { type: "array", items: node } } };
    return compileCelRules(root, createCelCompiler())({ spec: [{}, self] }).filter(({ path }) => path[1] === 1);
  };

  it("names the node that it is about", () => {
    expect(judge("false", {})).toMatchObject([{ field: "spec[1]", message: "Invalid value: {}: is wrong" }]);
  });

  it("names the member of its fieldPath, and shows that member's value", () => {
    expect(judge("self.count < 3", { count: 3 }, ".count")).toMatchObject([
      { path: ["spec", 1, "count"], value: "3", message: "Invalid value: 3: is wrong" },
    ]);
  });

  it("sees integers as 64 bit integers", () => {
    expect(judge("self.count / 2 == 1", { count: 3 })).toEqual([]);
  });

  it("sees absent and null members as absent", () => {
    expect(judge("!has(self.text) && !has(self.list)", { list: null })).toEqual([]);
  });

  it("sees no member that the schema does not name", () => {
    expect(judge("!has(self.constructor) && !has(self.toString) && !has(self.other)", { other: 1 })).toEqual([]);
  });

  it("reads a member that CEL cannot spell by its escaped name", () => {
    expect(judge("self.__namespace__ == 'apps'", { namespace: "apps" })).toEqual([]);
  });

  it("matches with RE2, anywhere in the text, also in nested calls", () => {
    expect(judge(`self.list.all(x, !(x).matches('b') && x.matches("a[.]matches"))`, { list: ["a.matches"] })).toEqual(
      [],
    );
    expect(judge("self.text.matches('(?=a)')", { text: "a" })[0]?.message).toContain(
      "invalid or unsupported Perl syntax",
    );
  });

  it("takes linear time where a backtracking engine would not end", () => {
    expect(judge("!self.text.matches('^(a+)+$')", { text: `${"a".repeat(50_000)}!` })).toEqual([]);
  });

  it("keeps a comparison of comparisons whole", () => {
    expect(judge("has(self.text) == (self.count == 3)", { text: "a", count: 3 })).toEqual([]);
  });

  it("says why it could not be evaluated", () => {
    expect(judge("duration(self.text) > duration('0s')", { text: "x" })).toMatchObject([
      { field: "spec[1]", message: `Invalid value: {"text":"x"}: is wrong: Invalid duration string: x` },
    ]);
  });

  it("is refused when it does not parse", () => {
    expect(() => judge("self.(", {})).toThrow("Expected IDENTIFIER");
  });
});

it("escapes names as Kubernetes does", () => {
  expect(["a", "namespace", "a.b", "a-b", "a/b", "a__b"].map(escapeName)).toEqual([
    "a",
    "__namespace__",
    "a__dot__b",
    "a__dash__b",
    "a__slash__b",
    "a__underscores__b",
  ]);
});

function rulesOf(node: Schema, path: string): [string, string, CelRule, Schema][] {
  const own = (node["x-kubernetes-validations"] ?? []).map((rule): [string, string, CelRule, Schema] => [
    path,
    rule.rule,
    rule,
    node,
  ]);
  const members = Object.entries(node.properties ?? {}).flatMap(([name, member]) => rulesOf(member, `${path}.${name}`));
  return [...own, ...members, ...(node.items === undefined ? [] : rulesOf(node.items, `${path}[]`))];
}

function callsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(callsOf);
  if (typeof node !== "object" || node === null || !("op" in node) || !("args" in node)) return [];
  const isCall = node.op === "call" || node.op === "rcall";
  return [...(isCall && Array.isArray(node.args) ? [String(node.args[0])] : []), ...callsOf(node.args)];
}

function identifiersOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(identifiersOf);
  if (typeof node !== "object" || node === null || !("op" in node) || !("args" in node)) return [];
  return node.op === "id" ? [String(node.args)] : identifiersOf(node.args);
}
