import { describe, expect, test } from "vitest";
import { printFileProblem } from "../../src/files/file-problem.ts";
import { DEFAULT_FILE_LIMITS, type FileLimits } from "../../src/files/limits.ts";
import { type Manifest, parseManifest } from "../../src/files/parse-manifest.ts";
import { judgeByName } from "./judge-by-name.ts";

async function parse(text: string, limits: Partial<FileLimits> = {}): Promise<Manifest> {
  const rules = { validate: judgeByName, limits: { ...DEFAULT_FILE_LIMITS, ...limits } };
  return await parseManifest({ path: "a.yaml", text }, rules);
}

async function readable(text: string, limits: Partial<FileLimits> = {}) {
  const manifest = await parse(text, limits);
  if (!manifest.readable) throw new Error(printFileProblem(manifest.problem));
  return manifest;
}

async function problemOf(text: string, limits: Partial<FileLimits> = {}): Promise<string> {
  const manifest = await parse(text, limits);
  return manifest.readable ? "readable" : printFileProblem(manifest.problem);
}

async function fieldProblems(text: string): Promise<readonly string[]> {
  const { entries } = await readable(text);
  return entries.flatMap(({ content }) => (content.ok ? [] : content.problems.map(printFileProblem)));
}

async function onlyObject(text: string): Promise<object> {
  const { entries } = await readable(text);
  const content = entries[0]?.content;
  if (entries.length !== 1 || content?.ok !== true) throw new Error("not one valid object");
  return content.object;
}

const service = (rest: string): string => `apiVersion: v1\nkind: Service\nmetadata: { name: a }\n${rest}`;

describe("what a file holds", () => {
  test("every document is read, empty ones are passed over", async () => {
    const { entries } = await readable(
      `---\n# nothing\n---\n${service("")}---\n\n---\n${service("").replace("a }", "b }")}---\n`,
    );
    expect(entries.map((entry) => entry.ref.name)).toEqual(["a", "b"]);
    expect(entries.map((entry) => entry.at.line)).toEqual([4, 10]);
  });

  test("an empty file holds nothing and is no problem", async () => {
    expect(await readable("")).toEqual({ readable: true, entries: [], nameless: [], ignored: [] });
  });

  test("a List is taken apart, also inside another", async () => {
    const { entries } = await readable(
      `apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: Service, metadata: { name: a } }\n- apiVersion: v1\n  kind: List\n  items:\n  - { apiVersion: v1, kind: Service, metadata: { name: b } }\n`,
    );
    expect(entries.map((entry) => [entry.ref.name, entry.at])).toEqual([
      ["a", { line: 4, column: 3 }],
      ["b", { line: 8, column: 5 }],
    ]);
  });

  test("items of a typed list take apiVersion and kind from it", async () => {
    const { entries } = await readable(
      `apiVersion: networking.k8s.io/v1\nkind: IngressList\nitems:\n- metadata: { name: web, namespace: apps }\n`,
    );
    expect(entries[0]?.ref).toEqual({ kind: "Ingress", namespace: "apps", name: "web" });
  });

  test("JSON is read, with its escapes, and positions in it are exact", async () => {
    const text = JSON.stringify(
      { apiVersion: "v1", kind: "Service", metadata: { name: "a" }, spec: { bad: "😀" } },
      null,
      "\t",
    );
    expect(await fieldProblems(text)).toEqual([
      'a.yaml:8:10: spec.bad: Invalid value: "😀" (expected: must be absent)',
    ]);
  });

  test("a namespaced object without a namespace is in default; a class has none", async () => {
    const { entries } = await readable(
      `${service("")}---\n{ apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: { name: c, namespace: odd } }`,
    );
    expect(entries.map((entry) => entry.ref.namespace)).toEqual(["default", ""]);
    expect(await onlyObject(service(""))).toMatchObject({ metadata: { name: "a", namespace: "default" } });
  });

  test("kinds that are not watched are left alone and named once", async () => {
    const { entries, ignored } = await readable(
      "{ apiVersion: apps/v1, kind: Deployment }\n---\n{ apiVersion: apps/v1, kind: Deployment }\n---\n{ apiVersion: serving.knative.dev/v1, kind: Service, metadata: { name: x } }",
    );
    expect(entries).toEqual([]);
    expect(ignored).toEqual([
      { what: "apps/v1 Deployment", at: { line: 1, column: 1 } },
      { what: "serving.knative.dev/v1 Service", at: { line: 5, column: 1 } },
    ]);
  });

  test("a watched kind in a version that is not read says which are", async () => {
    const text = "apiVersion: fairlead.dev/v9\nkind: WebSocketRoute\nmetadata: { name: a }\n";
    expect(await fieldProblems(text)).toEqual([
      "a.yaml:1:13: apiVersion: a WebSocketRoute of a version that is not read (expected: fairlead.dev/v1alpha1)",
    ]);
  });

  test.each([
    ["hello", "a.yaml:1:1: the document is no Kubernetes object (expected: a mapping with apiVersion and kind)"],
    ["[1]", "a.yaml:1:1: the document is no Kubernetes object (expected: a mapping with apiVersion and kind)"],
    ["kind: Service", "a.yaml:1:1: apiVersion: apiVersion is missing or no string (expected: a string)"],
    ["apiVersion: v1\nkind: 3", "a.yaml:2:7: kind: kind is missing or no string (expected: a string)"],
    [
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: 7",
      "a.yaml:4:9: metadata.name: the name of a Service is no string (expected: quotes around it, as words like y and on are booleans)",
    ],
    ["apiVersion: v1\nkind: Service", "a.yaml:1:1: metadata.name: a Service has no name (expected: a name)"],
  ])("%j does not say which object it is", async (text, problem) => {
    const { nameless, entries } = await readable(text);
    expect(nameless.map(printFileProblem)).toEqual([problem]);
    expect(entries).toEqual([]);
  });
});

describe("positions", () => {
  test("a value on its field's line is pointed at itself, a collection at its name, a missing field at its parent", async () => {
    expect(await fieldProblems(service("spec:\n  bad: 7\n"))).toEqual([
      "a.yaml:5:8: spec.bad: Invalid value: 7 (expected: must be absent)",
    ]);
    expect(await fieldProblems(service("spec:\n  bad:\n    x: 1\n"))).toEqual([
      'a.yaml:5:3: spec.bad: Invalid value: {"x":1} (expected: must be absent)',
    ]);
    expect(await fieldProblems(service("spec:\n  needed: false\n"))).toEqual(["a.yaml:4:1: spec.must: Required value"]);
  });

  test("items of lists are found in block and flow style, across line endings of Windows", async () => {
    expect(await fieldProblems(service("spec:\r\n  rules:\r\n  - ok: 1\r\n  - ok: 1\r\n    bad: 1\r\n"))).toEqual([
      "a.yaml:8:10: spec.rules[1].bad: Unknown field (expected: is not known)",
    ]);
    expect(await fieldProblems(service("spec: { rules: [{}, { bad: 1 }] }"))).toEqual([
      "a.yaml:4:28: spec.rules[1].bad: Unknown field (expected: is not known)",
    ]);
  });

  test("what an alias brings in is pointed at where the alias stands", async () => {
    const text = service("x: &r { bad: 1 }\nspec:\n  rules:\n  - {}\n  - *r\n");
    expect(await fieldProblems(text)).toEqual([
      "a.yaml:8:5: spec.rules[1].bad: Unknown field (expected: is not known)",
    ]);
  });
});

describe("scalars mean what they mean to kubectl", () => {
  test.each<[string, unknown]>([
    ["yes", true],
    ["On", true],
    ["n", false],
    ["true", true],
    ['"yes"', "yes"],
    ["~", null],
    ["", null],
    ["0x1F", 31],
    ["010", 8],
    ["0o17", 15],
    ["0b101", 5],
    ["1_000", 1000],
    ["-12", -12],
    ["08", 8],
    ["1.5e3", 1500],
    [".5", 0.5],
    ["e1", "e1"],
    [".", "."],
    ["1:30", "1:30"],
    ["10:30:00", "10:30:00"],
    ["127.0.0.1:9001,127.0.0.1:9002", "127.0.0.1:9001,127.0.0.1:9002"],
    ["2026-01-02", "2026-01-02"],
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"],
    [".inf", ".inf"],
    ["!!str 5", "5"],
  ])("%s", async (written, value) => {
    expect(await onlyObject(service(`spec:\n  v: ${written}\n`))).toMatchObject({ spec: { v: value } });
  });

  test("a key named on is the key true", async () => {
    expect(await onlyObject(service("spec: { on: 1 }"))).toMatchObject({ spec: { true: 1 } });
  });

  test("anchors, aliases and merge keys are resolved, and what is written wins over what is merged", async () => {
    const text = service(
      "x: &x { a: 1, b: 2 }\ny: &y { b: 3, c: 4 }\nspec: { b: 0, <<: [*x, *y] }\nz: { <<: *x, a: 9 }\nw: [*x]",
    );
    expect(await onlyObject(text)).toMatchObject({
      spec: { a: 1, b: 0, c: 4 },
      z: { a: 9, b: 2 },
      w: [{ a: 1, b: 2 }],
    });
  });

  test("an alias stands for the anchor of its name that comes last before it", async () => {
    expect(await onlyObject(service("spec: [&a 1, *a, &a 2, *a]"))).toMatchObject({ spec: [1, 1, 2, 2] });
  });
});

describe("what cannot be read", () => {
  test.each([
    [
      service("a: b: c"),
      "a.yaml:4:4: a mapping starts inside a plain value (expected: quotes around the value, or a new line)",
    ],
    [service("spec:\n\tbad: 1"), "a.yaml:5:1: a tab is used as indentation (expected: spaces)"],
    [
      service('x: "abc'),
      "a.yaml:4:8: a character is missing (expected: a closing quote or bracket, a colon, or a space)",
    ],
    [service("x: 1\nx: 2"), "a.yaml:5:1: a key is written twice (expected: each key once)"],
    [
      service("x: *nothing"),
      "a.yaml:4:4: an alias names an anchor that is not set before it (expected: an anchor (&name) earlier in the document)",
    ],
    [
      service("x: &x [*x]"),
      "a.yaml:4:8: an alias names an anchor that is not set before it (expected: an anchor (&name) earlier in the document)",
    ],
    [service("x: !!binary aGVsbG8="), "a.yaml:4:4: a YAML tag cannot be read (expected: no tag)"],
    [service("x: { __proto__: { polluted: true } }"), "a.yaml:4:6: a key is named __proto__ (expected: another name)"],
    [service("? [1]\n: 2"), "a.yaml:4:3: a key is no string (expected: a string)"],
    [
      service("<<: 5"),
      "a.yaml:4:5: a merge key has no mapping to merge (expected: an alias of a mapping, or a list of them, after <<:)",
    ],
    [
      `{"kind": "Service",, }`,
      "a.yaml:1:20: something unexpected stands here (expected: a key, a value or the end of the line)",
    ],
  ])("%j", async (text, problem) => {
    expect(await problemOf(text)).toBe(problem);
  });

  test("one broken document makes the whole file unreadable, since its objects cannot be told apart", async () => {
    expect(await problemOf(`${service("")}---\n[`)).toContain("a.yaml:5:2:");
  });

  test("an alias bomb is refused before it grows", async () => {
    const levels = Array.from(
      { length: 40 },
      (_, index) => `l${index + 1}: &l${index + 1} [*l${index}, *l${index}, *l${index}]`,
    );
    expect(await problemOf(service(`l0: &l0 [1, 1, 1]\n${levels.join("\n")}`))).toContain(
      "the aliases of this document grow",
    );
  });

  test("aliases cannot nest deeper than text can", async () => {
    const deep = (index: number) =>
      `d${index}: &d${index} ${"[".repeat(20)}${index === 0 ? "1" : `*d${index - 1}`}${"]".repeat(20)}`;
    expect(await problemOf(service([0, 1, 2, 3].map(deep).join("\n")))).toContain("the aliases of this document grow");
  });

  test.each([
    ["flow sequences", "[".repeat(200_000)],
    ["flow maps", "{a: ".repeat(100_000)],
    ["block sequences", "- ".repeat(100_000)],
    ["block maps", Array.from({ length: 300 }, (_, index) => `${" ".repeat(index)}a:`).join("\n")],
  ])("%s without end are refused at a depth", async (_, text) => {
    expect(await problemOf(text)).toContain("the collections are nested too deeply");
  });

  test("a thousand aliases and keys take no quadratic time", async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: *a`).join("\n");
    expect(await problemOf(service(`a: &a 1\nspec:\n${keys.replaceAll(/^/gm, "  ")}`))).toBe("readable");
  });

  test("more objects than a file may hold are refused", async () => {
    const list = `{ apiVersion: v1, kind: List, items: [${"{}, ".repeat(11)}] }`;
    expect(await problemOf(list, { objectsPerFile: 10 })).toContain(
      "the file holds too many objects (expected: at most 10 in one file)",
    );
    expect(await problemOf(`${service("")}---\n`.repeat(11), { objectsPerFile: 10 })).toContain("too many objects");
  });

  test("a problem never quotes the text, which may hold a Secret", async () => {
    const sentinel = "SENTINEL-7b1f";
    for (const broken of [
      `x: ${sentinel}: ${sentinel}`,
      `x: "${sentinel}\\q"`,
      `x: "${sentinel}`,
      `x: [${sentinel}\n${sentinel}: 1`,
      `x: *${sentinel}`,
      `x: !!${sentinel} ${sentinel}`,
      `x: { ${sentinel}: 1, ${sentinel}: 2 }`,
      `x: @${sentinel}`,
      `x: ]${sentinel}`,
    ]) {
      const problem = await problemOf(`apiVersion: v1\nkind: Secret\nmetadata: { name: a }\ndata:\n  ${broken}\n`);
      expect(problem).not.toBe("readable");
      expect(problem).not.toContain(sentinel);
    }
  });

  test("names that are too long are cut in problems, not in the object's identity", async () => {
    const name = "n".repeat(5_000);
    const { entries } = await readable(
      `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { bad: 1 }\n`,
    );
    const [entry] = entries;
    expect(entry?.ref.name).toHaveLength(5_000);
    expect(entry?.content.ok === false && entry.content.problems[0]?.object?.name.length).toBe(253);
  });
});

test("a large file lets other work through while it is read", async () => {
  const text = Array.from({ length: 1_500 }, (_, index) => serviceNumber(index)).join("---\n");
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const { entries } = await readable(text);
  clearInterval(timer);
  expect(entries).toHaveLength(1_500);
  expect(entries[1_499]?.ref.name).toBe("s1499");
  expect(turns).toBeGreaterThan(3);
});

function serviceNumber(index: number): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: s${index}\nspec:\n  ports:\n  - { name: a, port: 80 }\n  - { name: b, port: 81 }\n`;
}
