import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ViewObject } from "../../src/api/validate/validator.ts";
import { finish } from "../../src/base/work.ts";
import { buildView, findChanges, impliedIngressClass } from "../../src/files/build-view.ts";
import { printFileProblem } from "../../src/files/file-problem.ts";
import { DEFAULT_FILE_LIMITS } from "../../src/files/limits.ts";
import { keyOfRef } from "../../src/files/object-key.ts";
import { type FindFault, parseManifest } from "../../src/files/parse-manifest.ts";
import type { UnreadPart } from "../../src/files/read-directory.ts";
import { NOTHING_SERVED, reconcile, type Served } from "../../src/files/reconcile.ts";
import { judgeByName } from "./judge-by-name.ts";
import { serviceYaml } from "./manifest-directory.ts";

const bad = "spec: { bad: 1 }\n";

type More = { readonly unread?: readonly string[]; readonly findFault?: FindFault };

async function read(before: Served, files: Readonly<Record<string, string>>, more: More = {}): Promise<Served> {
  const { unread = [], ...rest } = more;
  const rules = { validate: judgeByName, limits: DEFAULT_FILE_LIMITS, ...rest };
  const manifests = [];
  for (const path of Object.keys(files).sort()) {
    const text = files[path] ?? "";
    manifests.push({ path, text, manifest: await parseManifest({ path, text }, rules) });
  }
  const parts: UnreadPart[] = unread.map((path) => ({
    path,
    problem: { file: path, line: 1, column: 1, reason: "Unreadable", message: "unread", expected: "" },
  }));
  return finish(reconcile(before, { manifests, unread: parts }));
}

function marks(served: Served): Readonly<Record<string, string | undefined>> {
  const entries = [...served.objects.values()].map(({ object }) => [
    object.metadata.name,
    object.metadata.labels?.["mark"],
  ]);
  return Object.fromEntries(entries);
}

const staleNames = (served: Served): readonly string[] => served.stale.map(({ object }) => object.name);
const problems = (served: Served): readonly string[] => served.problems.map(printFileProblem);

describe("last good", () => {
  test("an invalid object keeps its version while the others of its file move on", async () => {
    const first = await read(NOTHING_SERVED, { "a.yaml": `${serviceYaml("x")}---\n${serviceYaml("w")}` });
    const second = await read(first, {
      "a.yaml": `${serviceYaml("x", "second", bad)}---\n${serviceYaml("w", "second")}`,
    });
    expect(marks(second)).toEqual({ x: "first", w: "second" });
    expect(second.stale).toEqual([
      {
        object: { kind: "Service", namespace: "default", name: "x" },
        message: "a.yaml:6:14: spec.bad: Invalid value: 1 (expected: must be absent). The last good version is served.",
      },
    ]);
    expect(problems(second)).toEqual(["a.yaml:6:14: spec.bad: Invalid value: 1 (expected: must be absent)"]);
  });

  test("a file that cannot be parsed keeps all of its objects, also through several readings", async () => {
    let served = await read(NOTHING_SERVED, {
      "a.yaml": `${serviceYaml("x")}---\n${serviceYaml("w")}`,
      "b.yaml": serviceYaml("z"),
    });
    for (const broken of ["[", "{", "x: ]"]) {
      served = await read(served, { "a.yaml": broken, "b.yaml": serviceYaml("z", "second") });
      expect(marks(served)).toEqual({ x: "first", w: "first", z: "second" });
      expect(staleNames(served)).toEqual(["x", "w"]);
    }
    served = await read(served, { "a.yaml": serviceYaml("x", "third"), "b.yaml": serviceYaml("z") });
    expect(marks(served)).toEqual({ x: "third", z: "first" });
    expect(served.stale).toEqual([]);
    expect(served.problems).toEqual([]);
  });

  test("an invalid object in a file that then cannot be parsed still keeps its version", async () => {
    const first = await read(NOTHING_SERVED, { "a.yaml": serviceYaml("x") });
    const second = await read(first, { "a.yaml": serviceYaml("x", "second", bad) });
    const third = await read(second, { "a.yaml": "[" });
    expect(marks(third)).toEqual({ x: "first" });
    expect(third.stale[0]?.message).toContain("a.yaml:1:2:");
  });

  test("what is broken from the start contributes nothing and is reported", async () => {
    const served = await read(NOTHING_SERVED, {
      "a.yaml": "[",
      "b.yaml": serviceYaml("x", "first", bad),
      "c.yaml": serviceYaml("w"),
    });
    expect(marks(served)).toEqual({ w: "first" });
    expect(served.stale).toEqual([]);
    expect(problems(served)).toHaveLength(2);
  });

  test("a document that lost its name deletes nothing", async () => {
    const first = await read(NOTHING_SERVED, { "a.yaml": `${serviceYaml("x")}---\n${serviceYaml("w")}` });
    const nameless = { "a.yaml": `${serviceYaml("")}---\n${serviceYaml("w", "second")}` };
    const second = await read(await read(first, nameless), nameless);
    expect(marks(second)).toEqual({ x: "first", w: "second" });
    expect(staleNames(second)).toEqual(["x"]);
  });

  test("a directory that cannot be read keeps what was in it, and nothing else", async () => {
    const first = await read(NOTHING_SERVED, { "sub/a.yaml": serviceYaml("x"), "subway/b.yaml": serviceYaml("w") });
    const second = await read(first, {}, { unread: ["sub"] });
    expect(marks(second)).toEqual({ x: "first" });
    expect(staleNames(second)).toEqual(["x"]);
    expect(problems(second)).toEqual(["sub:1:1: unread"]);
    expect(marks(await read(first, {}, { unread: [""] }))).toEqual({ x: "first", w: "first" });
  });

  test("deleted files and objects are gone", async () => {
    const first = await read(NOTHING_SERVED, {
      "a.yaml": `${serviceYaml("x")}---\n${serviceYaml("w")}`,
      "b.yaml": serviceYaml("z"),
    });
    const second = await read(first, { "a.yaml": serviceYaml("w") });
    expect(marks(second)).toEqual({ w: "first" });
    expect(finish(findChanges(first, second)).map((ref) => ref.name)).toEqual(["x", "z"]);
  });

  test("an object that was stale and is then deleted is gone", async () => {
    const first = await read(NOTHING_SERVED, { "a.yaml": serviceYaml("x") });
    const second = await read(first, { "a.yaml": "[" });
    expect(marks(await read(second, {}))).toEqual({});
  });

  test("an object may move to another file, even while it becomes invalid", async () => {
    const first = await read(NOTHING_SERVED, { "a.yaml": serviceYaml("x") });
    const moved = await read(first, { "b.yaml": serviceYaml("x") });
    expect(finish(findChanges(first, moved))).toEqual([]);
    expect(marks(await read(first, { "b.yaml": serviceYaml("x", "second", bad) }))).toEqual({ x: "first" });
  });
});

describe("objects that are valid but useless", () => {
  const findFault = ({ metadata }: ViewObject) =>
    metadata.labels?.["mark"]?.startsWith("useless") === true
      ? { path: ["metadata", "labels", "mark"], message: "is useless" }
      : null;

  test("keep the last version that was of use, and say why", async () => {
    const first = await read(NOTHING_SERVED, { "a.yaml": serviceYaml("x") }, { findFault });
    const second = await read(first, { "a.yaml": serviceYaml("x", "useless-1") }, { findFault });
    const third = await read(second, { "a.yaml": serviceYaml("x", "useless-2") }, { findFault });
    expect(marks(third)).toEqual({ x: "first" });
    expect(third.stale.map(({ message }) => message)).toEqual([
      "a.yaml:5:19: metadata.labels.mark: is useless. The last good version is served.",
    ]);
    expect(problems(third)).toEqual(["a.yaml:5:19: metadata.labels.mark: is useless"]);
    const fourth = await read(third, { "a.yaml": serviceYaml("x", "second") }, { findFault });
    expect([marks(fourth), fourth.stale, fourth.problems]).toEqual([{ x: "second" }, [], []]);
  });

  test("are there as they are if they never were of use, so that their users are told precisely", async () => {
    const first = await read(NOTHING_SERVED, { "a.yaml": serviceYaml("x", "useless-1") }, { findFault });
    const second = await read(first, { "a.yaml": serviceYaml("x", "useless-2") }, { findFault });
    expect([marks(second), second.stale]).toEqual([{ x: "useless-2" }, []]);
    expect(second.problems).toHaveLength(1);
  });
});

describe("duplicates", () => {
  test("the first path in sorted order wins, and the others are reported where they stand", async () => {
    const served = await read(NOTHING_SERVED, {
      "b.yaml": `\n${serviceYaml("x", "b")}`,
      "a.yaml": serviceYaml("x", "a"),
      "c.yaml": serviceYaml("x", "c"),
    });
    expect(marks(served)).toEqual({ x: "a" });
    expect(problems(served)).toEqual(
      ["b.yaml:2:1", "c.yaml:1:1"].map(
        (place) =>
          `${place}: Service default/x is also defined in a.yaml:1:1, and that definition is the one that counts (expected: one definition an object)`,
      ),
    );
  });

  test("an error in the winning definition does not bring another one to power", async () => {
    const first = await read(NOTHING_SERVED, { "a.yaml": serviceYaml("x", "a"), "b.yaml": serviceYaml("x", "b") });
    expect(
      marks(await read(first, { "a.yaml": serviceYaml("x", "a2", bad), "b.yaml": serviceYaml("x", "b") })),
    ).toEqual({ x: "a" });
    expect(marks(await read(first, { "a.yaml": "[", "b.yaml": serviceYaml("x", "b") }))).toEqual({ x: "a" });
    expect(marks(await read(first, { "b.yaml": serviceYaml("x", "b") }))).toEqual({ x: "b" });
  });

  test("if the winner is deleted while the other cannot be read, the other's last good version counts", async () => {
    const first = await read(NOTHING_SERVED, { "a.yaml": serviceYaml("x", "a"), "b.yaml": serviceYaml("x", "b") });
    expect(marks(await read(first, { "b.yaml": "[" }))).toEqual({ x: "b" });
  });
});

describe("changes", () => {
  test("an object that is written differently but means the same keeps its identity", async () => {
    const first = await read(NOTHING_SERVED, { "a.yaml": serviceYaml("x") });
    const second = await read(first, {
      "a.yaml": `# a comment\n${serviceYaml("x").replace("{ mark: first }", '\n    mark: "first"')}`,
    });
    const key = keyOfRef({ kind: "Service", namespace: "default", name: "x" });
    expect(second.objects.get(key)?.object).toBe(first.objects.get(key)?.object);
    expect(finish(findChanges(first, second))).toEqual([]);
  });

  test("names cannot be chosen so that two objects are taken for one", () => {
    const refs = [
      { kind: "Service", namespace: "a", name: "b/c" },
      { kind: "Service", namespace: "a/b", name: "c" },
      { kind: "Service", namespace: 'a","b', name: "c" },
      { kind: "Service", namespace: "a", name: 'b","c' },
    ];
    expect(new Set(refs.map(keyOfRef)).size).toBe(refs.length);
  });

  test("through any history, what is served is always each object's last readable version", async () => {
    // In each step of a history each of three objects is valid, invalid or absent, and the file may be broken.
    const step = fc.record({
      broken: fc.boolean(),
      states: fc.array(fc.constantFrom("valid", "invalid", "absent"), { minLength: 3, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (history) => {
        let served = NOTHING_SERVED;
        const model = new Map<string, string>();
        for (const [index, { broken, states }] of history.entries()) {
          const documents = states.flatMap((state, object) =>
            state === "absent" ? [] : [serviceYaml(`s${object}`, `v${index}`, state === "invalid" ? bad : "")],
          );
          served = await read(served, { "a.yaml": broken ? "[" : documents.join("---\n") });
          for (const [object, state] of broken ? [] : states.entries()) {
            if (state === "absent") model.delete(`s${object}`);
            if (state === "valid") model.set(`s${object}`, `v${index}`);
          }
          expect(marks(served)).toEqual(Object.fromEntries(model));
        }
      }),
      { numRuns: 100 },
    );
  });
});

test("a list of the view whose objects are the same as before is the very same list", async () => {
  const secret = (name: string) => serviceYaml(name).replace("kind: Service", "kind: Secret");
  const implied = impliedIngressClass("fairlead", "fairlead.dev/ingress-controller");
  const first = await read(NOTHING_SERVED, { "a.yaml": serviceYaml("x"), "b.yaml": secret("w") });
  const before = finish(buildView(first, implied, null));
  const second = await read(first, { "a.yaml": serviceYaml("x"), "b.yaml": secret("w"), "c.yaml": secret("z") });
  const after = finish(buildView(second, implied, before));
  expect(after.services).toBe(before.services);
  expect(after.services.map(({ metadata }) => metadata.name)).toEqual(["x"]);
  expect(after.ingressClasses).toBe(before.ingressClasses);
  expect(after.secrets.map(({ metadata }) => metadata.name)).toEqual(["w", "z"]);
});
