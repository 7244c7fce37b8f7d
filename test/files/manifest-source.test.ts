import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { impliedIngressClass } from "../../src/files/build-view.ts";
import { printFileProblem } from "../../src/files/file-problem.ts";
import { ManifestDirectoryError } from "../../src/files/manifest-source.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { createManifestDirectory, follow, marksOf, serviceYaml } from "./manifest-directory.ts";

const bad = "spec: { bad: 1 }\n";

describe("at the start", () => {
  test("the view holds every object, and the class that nobody wrote", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "a.yaml": serviceYaml("x"), "sub/b.yaml": serviceYaml("z") });
    const { source, changes } = await follow(root);
    expect(marksOf(source.view())).toEqual({ x: "first", z: "first" });
    expect(source.view().ingressClasses).toEqual([impliedIngressClass("fairlead", "fairlead.dev/ingress-controller")]);
    expect(source.problems()).toEqual([]);
    expect(changes).toEqual([]);
  });

  test("a written class of the same name takes the place of the implied one", async () => {
    const { root, write } = await createManifestDirectory();
    await write({
      "c.yaml":
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: { name: fairlead }\nspec: { controller: other }\n",
    });
    const { source } = await follow(root);
    expect(source.view().ingressClasses.map(({ spec }) => spec?.controller)).toEqual(["other"]);
  });

  test("a directory that is not there is an error that names it", async () => {
    const { root } = await createManifestDirectory();
    const missing = join(root, "missing");
    await expect(follow(missing)).rejects.toThrow(
      new ManifestDirectoryError("DirectoryUnreadable", `${missing}: the directory cannot be read (ENOENT)`),
    );
    await writeFile(missing, "");
    await expect(follow(missing)).rejects.toThrow(`${missing}: the directory cannot be read (ENOTDIR)`);
  });

  test("a broken file is logged with its place, and the rest is served", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "a.yaml": "kind: [", "b.yaml": serviceYaml("x") });
    const { source, lines } = await follow(root);
    expect(marksOf(source.view())).toEqual({ x: "first" });
    expect(source.problems().map(({ file, line, column }) => [file, line, column])).toEqual([["a.yaml", 1, 8]]);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: "warn", file: "a.yaml", line: 1, column: 8 },
    ]);
  });

  test("kinds that are left alone are logged as information", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "a.yaml": "{ apiVersion: apps/v1, kind: Deployment }" });
    const { lines } = await follow(root);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: "info", file: "a.yaml", kinds: ["apps/v1 Deployment"] },
    ]);
  });
});

describe("changes are noticed by file events", () => {
  test("a written, a renamed, a new and a deleted file", async () => {
    const { root, write, saveByRename, remove } = await createManifestDirectory();
    await write({ "a.yaml": serviceYaml("x") });
    const { changeWhere } = await follow(root);
    await write({ "a.yaml": serviceYaml("x", "second") });
    await changeWhere(({ view }) => marksOf(view)["x"] === "second");
    await saveByRename("a.yaml", serviceYaml("x", "third"));
    const third = await changeWhere(({ view }) => marksOf(view)["x"] === "third");
    expect(third.changed).toEqual([{ kind: "Service", namespace: "default", name: "x" }]);
    expect(third.kinds).toEqual(new Set(["Service"]));
    await write({ "new/deep/b.yaml": serviceYaml("z") });
    await changeWhere(({ view }) => marksOf(view)["z"] === "first");
    await write({ "new/deep/b.yaml": serviceYaml("z", "second") });
    await changeWhere(({ view }) => marksOf(view)["z"] === "second");
    await remove("a.yaml");
    const gone = await changeWhere(({ view }) => !("x" in marksOf(view)));
    expect(marksOf(gone.view)).toEqual({ z: "second" });
    await remove("new");
    await changeWhere(({ view }) => view.services.length === 0);
  });

  test("a ConfigMap volume's swap is one change, again and again", async () => {
    const { root, project } = await createManifestDirectory();
    await project({ "a.yaml": serviceYaml("x"), "b.yaml": serviceYaml("z") });
    const { source, changes, changeWhere } = await follow(root, { quietMs: 50 });
    expect(source.problems()).toEqual([]);
    for (const mark of ["second", "third", "fourth"]) {
      await project({ "a.yaml": serviceYaml("x", mark), "b.yaml": serviceYaml("z", mark) });
      const change = await changeWhere(({ view }) => marksOf(view)["x"] === mark);
      expect(marksOf(change.view)).toEqual({ x: mark, z: mark });
    }
    expect(changes).toHaveLength(3);
    expect(source.problems()).toEqual([]);
  });

  test("the root itself may be a link that is swapped", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "v1/a.yaml": serviceYaml("x"), "v2/a.yaml": serviceYaml("x", "second") });
    await symlink("v1", join(root, "current"));
    const { source, changeWhere } = await follow(join(root, "current"));
    expect(marksOf(source.view())).toEqual({ x: "first" });
    await symlink("v2", join(root, "next"));
    await rename(join(root, "next"), join(root, "current"));
    await changeWhere(({ view }) => marksOf(view)["x"] === "second");
    await write({ "v2/a.yaml": serviceYaml("x", "third") });
    await changeWhere(({ view }) => marksOf(view)["x"] === "third");
  });

  test("a file behind a link is followed where it lies", async () => {
    const { root, link } = await createManifestDirectory();
    const elsewhere = await createManifestDirectory();
    await elsewhere.write({ "x.yaml": serviceYaml("x") });
    await link(join(elsewhere.root, "x.yaml"), "a.yaml");
    const { changeWhere } = await follow(root);
    await elsewhere.write({ "x.yaml": serviceYaml("x", "second") });
    const change = await changeWhere(({ view }) => marksOf(view)["x"] === "second");
    expect(change.view.stale).toEqual([]);
  });

  test("a directory that is deleted and made again is followed", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "sub/a.yaml": serviceYaml("x") });
    const { changeWhere } = await follow(root);
    for (const mark of ["second", "third", "fourth"]) {
      await rm(join(root, "sub"), { recursive: true });
      await mkdir(join(root, "sub"));
      await write({ "sub/a.yaml": serviceYaml("x", `${mark}-0`) });
      await changeWhere(({ view }) => marksOf(view)["x"] === `${mark}-0`);
      await write({ "sub/a.yaml": serviceYaml("x", mark) });
      const change = await changeWhere(({ view }) => marksOf(view)["x"] === mark);
      expect(change.view.services).toHaveLength(1);
    }
  });
});

describe("last good", () => {
  test("a half-written file keeps its objects until it is whole", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "a.yaml": `${serviceYaml("x")}---\n${serviceYaml("z")}` });
    const { source, changeWhere } = await follow(root);
    const whole = `${serviceYaml("x", "second")}---\n${serviceYaml("z", "second")}`;
    await write({ "a.yaml": whole.slice(0, whole.lastIndexOf(" }")) });
    const half = await changeWhere(({ view }) => view.stale.length === 2);
    expect(marksOf(half.view)).toEqual({ x: "first", z: "first" });
    expect(half.changed).toEqual([]);
    await write({ "a.yaml": whole });
    const done = await changeWhere(({ view }) => marksOf(view)["z"] === "second");
    expect(done.view.stale).toEqual([]);
    expect(source.problems()).toEqual([]);
  });

  test("one invalid object stays while the others of its file change, and says where the fault is", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "a.yaml": `${serviceYaml("x")}---\n${serviceYaml("z")}` });
    const { source, changeWhere, lines } = await follow(root);
    await write({ "a.yaml": `${serviceYaml("x", "second", bad)}---\n${serviceYaml("z", "second")}` });
    const change = await changeWhere(({ view }) => marksOf(view)["z"] === "second");
    expect(marksOf(change.view)).toEqual({ x: "first", z: "second" });
    expect(change.view.stale.map(({ object }) => object.name)).toEqual(["x"]);
    expect(source.problems().map(printFileProblem)).toEqual([
      "a.yaml:6:14: spec.bad: Invalid value: 1 (expected: must be absent)",
    ]);
    await source.refresh();
    await source.refresh();
    const said = lines.filter((line) => line.includes("spec.bad"));
    expect(said.map((line) => JSON.parse(line))).toMatchObject([
      { level: "warn", file: "a.yaml", line: 6, column: 14, object: "Service default/x" },
    ]);
  });

  test("if the whole directory goes away, everything stays", async () => {
    const { root, write } = await createManifestDirectory();
    await write({ "set/a.yaml": serviceYaml("x") });
    const { source, changeWhere } = await follow(join(root, "set"));
    await rename(join(root, "set"), join(root, "moved"));
    const change = await changeWhere(({ view }) => view.stale.length === 1);
    expect(marksOf(change.view)).toEqual({ x: "first" });
    expect(source.problems().map(printFileProblem)).toEqual([
      ".:1:1: the directory cannot be read (ENOENT) (expected: a directory that Fairlead may list)",
    ]);
    await rename(join(root, "moved"), join(root, "set"));
    await changeWhere(({ view }) => view.stale.length === 0 && marksOf(view)["x"] === "first");
  });

  test("a Secret that became unreadable keeps its last version, and no value of it is ever said", async () => {
    const sentinel = "U0VOVElORUwtNGYyYQ==";
    const { root, write } = await createManifestDirectory();
    const secret = (rest: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: { name: tls }\ntype: kubernetes.io/tls\ndata:\n  tls.crt: ${sentinel}\n${rest}`;
    await write({ "a.yaml": secret("") });
    const { source, changeWhere, lines } = await follow(root);
    await write({ "a.yaml": secret(`  bad: ${sentinel}\n`) });
    const invalid = await changeWhere(({ view }) => view.stale.length === 1);
    expect(invalid.view.secrets).toHaveLength(1);
    expect(source.problems().map(({ line, column, field }) => [line, column, field])).toEqual([[7, 8, "data.bad"]]);
    await write({ "a.yaml": secret(`  bad: "${sentinel}\n`) });
    await changeWhere(({ view }) => view.stale.some(({ message }) => message.includes("a character is missing")));
    expect(source.view().secrets[0]?.data?.["tls.crt"]).toBe(sentinel);
    expect(JSON.stringify([lines, source.problems(), source.view().stale])).not.toContain(sentinel);
    expect(lines.length).toBeGreaterThan(1);
  });
});

test("what file events miss is found by reading again from time to time", async () => {
  const { root, write } = await createManifestDirectory();
  await write({ "a.yaml": serviceYaml("x") });
  // On this clock the quiet after an event never ends by itself: only the re-read can find the change.
  const clock = createFakeClock(Date.now());
  const { changeWhere, changes } = await follow(root, { clock, quietMs: 1_000_000, rereadMs: 30_000 });
  await write({ "a.yaml": serviceYaml("x", "second") });
  clock.advance(29_999);
  expect(changes).toEqual([]);
  clock.advance(1);
  await changeWhere(({ view }) => marksOf(view)["x"] === "second");
  await write({ "a.yaml": serviceYaml("x", "third") });
  clock.advance(30_000);
  await changeWhere(({ view }) => marksOf(view)["x"] === "third");
});

test("reading again without a change calls nobody and logs nothing", async () => {
  const { root, write } = await createManifestDirectory();
  await write({ "a.yaml": `${serviceYaml("x")}---\n{ apiVersion: apps/v1, kind: Deployment }` });
  const { source, changes, lines } = await follow(root);
  const view = source.view();
  const logged = lines.length;
  await source.refresh();
  await source.refresh();
  expect(changes).toEqual([]);
  expect(lines).toHaveLength(logged);
  expect(source.view()).toBe(view);
});

test("after close nothing is read or said any more, and no timer waits", async () => {
  const { root, write } = await createManifestDirectory();
  const clock = createFakeClock(Date.now());
  const { source, changes } = await follow(root, { clock });
  await source.close();
  await write({ "a.yaml": serviceYaml("x") });
  await source.refresh();
  clock.advance(10_000_000);
  expect(changes).toEqual([]);
  expect(source.view().services).toEqual([]);
  expect(clock.pending()).toBe(0);
});

test("an error in the listener is logged and does not end the following", async () => {
  const { root, write } = await createManifestDirectory();
  const seen: string[] = [];
  const { source, lines } = await follow(root, {
    onChange: ({ view }) => {
      seen.push(marksOf(view)["x"] ?? "none");
      throw new Error("listener");
    },
  });
  await write({ "a.yaml": serviceYaml("x") });
  await source.refresh();
  await write({ "a.yaml": serviceYaml("x", "second") });
  await source.refresh();
  expect(seen).toEqual(["first", "second"]);
  expect(lines.filter((line) => line.includes("could not be taken over"))).toHaveLength(2);
});
