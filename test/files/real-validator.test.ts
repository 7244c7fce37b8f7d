import { expect, test } from "vitest";
import { createValidator } from "../../src/api/validate/create-validator.ts";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import { printFileProblem } from "../../src/files/file-problem.ts";
import { createManifestDirectory, follow } from "./manifest-directory.ts";

const validate = createValidator({ allowLoopback: true, unknownFields: "refuse" });

test("what the API server would refuse is refused with file, line and column", async () => {
  const { root, write } = await createManifestDirectory();
  await write({
    "route.yaml": `apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: chat, namespace: apps }
spec:
  hostnames: ["Chat.example.com"]
  rulez: []
  rules:
    - name: one
      backendRefs: [{ name: chat, port: 80000 }]
`,
  });
  const { source } = await follow(root, { validate });
  const places = source.problems().map(({ line, column, field }) => `${line}:${column} ${field}`);
  expect(places.toSorted()).toEqual([
    "5:15 spec.hostnames[0]",
    "6:3 spec.rulez",
    "9:41 spec.rules[0].backendRefs[0].port",
  ]);
});

test("no value of a Secret is in any problem, log line or stale object", async () => {
  const sentinel = "SENTINEL-4f2a";
  const { root, write } = await createManifestDirectory();
  const secret = (data: string): string => `apiVersion: v1\nkind: Secret\nmetadata: { name: tls }\n${data}`;
  const hostile = [
    `type: kubernetes.io/tls\ndata: { tls.crt: "${sentinel}!", tls.key: "${sentinel}!" }`,
    `type: kubernetes.io/tls\ndata: { tls.crt: ["${sentinel}"] }`,
    `data: "${sentinel}"`,
    `data: ["${sentinel}"]`,
    `stringData: { a: { b: "${sentinel}" } }`,
    `stringData: { a: 7, b: "${sentinel}" }\ntype: 5`,
    `data:\n  a: ${sentinel}: b`,
    `data:\n  a: "${sentinel}\n`,
  ];
  await write(
    Object.fromEntries(hostile.map((data, index) => [`${index}.yaml`, secret(data).replace("tls }", `s${index} }`)])),
  );
  const { source, lines } = await follow(root, { validate });
  const files = new Set(source.problems().map(({ file }) => file));
  expect(files.size).toBe(hostile.length);
  expect(source.problems().map(printFileProblem).join("\n")).not.toContain("SENTINEL");
  expect(JSON.stringify([lines, source.problems(), source.view().stale])).not.toContain("SENTINEL");
});

test("hostile names in labels and annotations are refused, and change nobody's prototype", async () => {
  const { root, write } = await createManifestDirectory();
  const service = (metadata: string): string =>
    `apiVersion: v1\nkind: Service\nmetadata: { ${metadata} }\nspec: { ports: [{ port: 80 }] }\n`;
  await write({
    "a.yaml": service('name: a, annotations: { constructor: "x", toString: "y" }'),
    "b.yaml": service('name: b, labels: { __proto__: "x" }'),
    "c.yaml": service("name: __proto__"),
    "d.yaml": `${service("name: d")}---\n{ "__proto__": { "polluted": "yes" } }\n`,
  });
  const { source } = await follow(root, { validate });
  expect(source.view().services.map(({ metadata }) => metadata.name)).toEqual(["a"]);
  expect(source.problems().map(({ file }) => file)).toEqual(["b.yaml", "d.yaml", "c.yaml"]);
  expect("polluted" in {}).toBe(false);
});

test("a TLS Secret whose new key does not fit keeps the pair that did", async () => {
  const [pair, other] = [await makeSelfSigned(["a.example"]), await makeSelfSigned(["a.example"])];
  const { root, write } = await createManifestDirectory();
  const secret = (chain: string, key: string): string =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "tls" },
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": chain, "tls.key": key },
    });
  await write({ "tls.json": secret(pair.chain, pair.key) });
  const { source, changeWhere, lines } = await follow(root, { validate });
  const good = source.view().secrets[0];
  await write({ "tls.json": secret(pair.chain, other.key) });
  const mismatched = await changeWhere(({ view }) => view.stale.length === 1);
  expect(mismatched.view.secrets).toEqual([good]);
  expect(source.problems().map(({ file, field }) => [file, field])).toEqual([["tls.json", "data[tls.key]"]]);
  expect(JSON.stringify([lines, source.problems(), mismatched.view.stale])).not.toContain("PRIVATE KEY");
  await write({ "tls.json": secret(other.chain, other.key) });
  const rotated = await changeWhere(({ changed }) => changed.length === 1);
  expect(rotated.view.stale).toEqual([]);
  expect(rotated.view.secrets).not.toEqual([good]);
});
