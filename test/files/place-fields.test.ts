import { expect, test } from "vitest";
import { parseField } from "../../src/files/place-fields.ts";
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
    { object: ref("z"), field: "metadata.annotations[fairlead.dev/x]" },
    { object: ref("z"), field: "spec.ports[0].port" },
    { object: ref("z"), field: "spec.ports[1].port" },
    { object: ref("x"), field: "metadata.labels" },
    { object: ref("missing"), field: "spec" },
    { object: ref("x"), field: "metadata.name" },
  ]);
  expect(placed.map((at) => at && [at.file, at.line, at.column])).toEqual([
    ["b/two.yaml", 12, 21],
    ["b/two.yaml", 15, 11],
    ["b/two.yaml", 14, 3],
    ["a.yaml", 5, 3],
    null,
    ["a.yaml", 4, 9],
  ]);
});

test("the field of a stale object is placed in the text that it was read from", async () => {
  const { root, write } = await createManifestDirectory();
  await write({ "a.yaml": serviceYaml("x") });
  const { source, changeWhere } = await follow(root);
  await write({ "a.yaml": "\n\n\n[" });
  await changeWhere(({ view }) => view.stale.length === 1);
  const [placed] = await source.place([{ object: ref("x"), field: "metadata.name" }]);
  expect([placed?.line, placed?.column]).toEqual([4, 9]);
});
