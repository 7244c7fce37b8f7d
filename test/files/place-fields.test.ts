import { expect, test } from "vitest";
import { parseField } from "../../src/files/place-problems.ts";
import { createManifestDirectory, follow, serviceYaml } from "./manifest-directory.ts";

const ref = (name: string) => ({ kind: "Service", namespace: "default", name });

test.each([
  ["spec.rules[0].backendRefs[12].port", ["spec", "rules", 0, "backendRefs", 12, "port"]],
  ["metadata.annotations[fairlead.dev/idle-timeout]", ["metadata", "annotations", "fairlead.dev/idle-timeout"]],
  ["data[tls.crt]", ["data", "tls.crt"]],
  ["", []],
])("%s is a path", (field, path) => {
  expect(parseField(field)).toEqual(path);
});

test("a problem found later is placed in the file, line and column of its field", async () => {
  const { root, write } = await createManifestDirectory();
  const annotated =
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: z\n  annotations:\n    fairlead.dev/x: soon\nspec:\n  ports:\n  - port: 80\n";
  await write({ "a.yaml": serviceYaml("x"), "b/two.yaml": `${serviceYaml("w")}---\n${annotated}` });
  const { source } = await follow(root);
  const placed = await source.place([
    { object: ref("z"), field: "metadata.annotations[fairlead.dev/x]", message: "one" },
    { object: ref("z"), field: "spec.ports[0].port", message: "two" },
    { object: ref("z"), field: "spec.ports[1].port", message: "three" },
    { object: ref("x"), field: "metadata.labels", message: "four" },
    { object: ref("missing"), field: "spec", message: "five" },
    { object: ref("x"), field: "metadata.name", message: "six" },
  ]);
  expect(placed.map((at) => at && [at.file, at.line, at.column, at.message])).toEqual([
    ["b/two.yaml", 12, 21, "one"],
    ["b/two.yaml", 15, 11, "two"],
    ["b/two.yaml", 14, 3, "three"],
    ["a.yaml", 5, 3, "four"],
    null,
    ["a.yaml", 4, 9, "six"],
  ]);
});

test("the field of a stale object is placed in the text that it was read from", async () => {
  const { root, write } = await createManifestDirectory();
  await write({ "a.yaml": serviceYaml("x") });
  const { source, changeWhere } = await follow(root);
  await write({ "a.yaml": "\n\n\n[" });
  await changeWhere(({ view }) => view.stale.length === 1);
  const [placed] = await source.place([{ object: ref("x"), field: "metadata.name", message: "one" }]);
  expect([placed?.line, placed?.column]).toEqual([4, 9]);
});
