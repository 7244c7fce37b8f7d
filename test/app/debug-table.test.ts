import { X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import { askDebug, type DebugReply, membersOf, rowsIn } from "../harness/ask-debug.ts";
import { ingress, manifestText, route, rule, service, tlsSecret } from "../harness/manifests.ts";
import { keepSecret } from "../harness/sentinels.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";

const hostsOf = (reply: DebugReply): readonly unknown[] => rowsIn(reply, "items").map(({ host }) => host);
const rulesOf = (reply: DebugReply): readonly unknown[] =>
  rowsIn(reply, "items").map((row) => (row["rule"] as { readonly rule: string } | null)?.rule);

async function serve(files: Readonly<Record<string, string>>): Promise<{
  readonly app: RunningApp;
  readonly table: (query?: string) => Promise<DebugReply>;
}> {
  const app = await startApp({ files });
  return { app, table: (query = "") => askDebug(app.ports.admin, `/debug/table${query}`) };
}

it("/debug/table tells routes, endpoints and certificates as the reference promises, and no key or credential", async () => {
  const pair = await makeSelfSigned(["a.example", "only-tls.example"]);
  keepSecret(pair.key);
  const secretive = rule("all", "/", ["echo"], {
    matches: [{ path: { type: "PathPrefix", value: "/" }, headers: [{ name: "X-Api-Key", value: "SENTINEL-match" }] }],
    filters: [
      {
        type: "RequestHeaderModifier",
        requestHeaderModifier: { set: [{ name: "Authorization", value: "Basic SENTINEL-set" }] },
      },
    ],
  });
  const tls = { certificateRefs: [{ name: "pair" }] };
  const { table } = await serve({
    "all.json": manifestText(
      service("echo", [9001, 9002]),
      tlsSecret("pair", pair),
      route("a", [secretive], { hostnames: ["a.example"], tls }),
      ingress("b", "b.example", "echo", { tls: { pair: ["only-tls.example"] } }),
    ),
  });
  const reply = await table();
  expect(reply.status).toBe(200);
  expect(Object.keys(reply.json)).toEqual(["versions", "total", "next", "items"]);
  expect(reply.json).toMatchObject({ total: 2, next: null, versions: { routing: { version: 1 } } });
  expect(hostsOf(reply)).toEqual(["a.example", "b.example"]);
  expect(rowsIn(reply, "items")[0]).toMatchObject({
    match: { headers: [{ name: "x-api-key", value: "[hidden]" }] },
    rule: { kind: "WebSocketRoute", namespace: "default", name: "a", rule: "all" },
    action: { type: "Forward", requestHeaders: { set: [{ name: "Authorization", value: "[hidden]" }] } },
  });
  const endpoint = { address: "127.0.0.1", ready: true, serving: true, terminating: false, zones: [] };
  expect(rowsIn(await table("?part=endpoints"), "items")).toEqual([
    {
      pool: "default/echo:80",
      endpoints: [
        { ...endpoint, port: 9001 },
        { ...endpoint, port: 9002 },
      ],
    },
  ]);
  const leaf = new X509Certificate(pair.chain);
  const certificate = {
    fingerprint: leaf.fingerprint256,
    names: "DNS:a.example, DNS:only-tls.example",
    issuer: "CN=a.example",
    notBefore: leaf.validFromDate.toISOString(),
    notAfter: leaf.validToDate.toISOString(),
    secret: "default/pair",
  };
  const certificates = await table("?part=certificates");
  expect(rowsIn(certificates, "items")).toEqual(
    ["a.example", "only-tls.example"].map((host) => ({ host, minVersion: "TLSv1.2", certificates: [certificate] })),
  );
  expect(hostsOf(await table("?part=certificates&host=only-tls.example"))).toEqual(["only-tls.example"]);
  expect(hostsOf(await table("?part=certificates&host=b.example"))).toEqual([]);
  expect(certificates.text).not.toMatch(/PRIVATE|BEGIN/u);
  expect(reply.text).not.toMatch(/SENTINEL|PRIVATE|BEGIN/u);
});

it("/debug/table of a host tells what decides about it, by the precedence of hosts", async () => {
  const { table } = await serve({
    "all.json": manifestText(
      service("echo", [9001]),
      route("exact", [rule("exact", "/", ["echo"])], { hostnames: ["a.b.example"] }),
      route("near", [rule("near", "/", ["echo"])], { hostnames: ["*.b.example"] }),
      route("far", [rule("far", "/", ["echo"])], { hostnames: ["*.example"] }),
      route("any", [rule("any", "/", ["echo"])]),
    ),
  });
  expect(rulesOf(await table("?host=A.b.example"))).toEqual(["exact"]);
  expect(rulesOf(await table("?host=x.y.b.example"))).toEqual(["near"]);
  expect(rulesOf(await table("?host=x.example"))).toEqual(["far"]);
  expect(rulesOf(await table("?host=elsewhere.test"))).toEqual(["any"]);
  expect(rulesOf(await table("?host=**.example"))).toEqual(["far"]);
  expect(rulesOf(await table("?host=*"))).toEqual(["any"]);
  const none = await table("?host=*.nowhere.test");
  expect([none.json["total"], rulesOf(none)]).toEqual([0, []]);
  expect((await table("?host=a_b")).json).toEqual({
    code: "InvalidParameter",
    error: 'parameter host, "a_b": expected a host name, or a pattern such as *.example.com',
  });
});

it("/debug/table is read page by page, every way to a rule once, also where one host has them all", async () => {
  const routes = Array.from({ length: 25 }, (_, index) =>
    route(`r${index}`, [rule("one", `/${index}/one`, ["echo"]), rule("two", `/${index}/two`, ["echo"])], {
      hostnames: ["one.example"],
    }),
  );
  const { app, table } = await serve({ "all.json": manifestText(service("echo", [9001]), ...routes) });
  const seen: unknown[] = [];
  for (let next: unknown = 0; next !== null; ) {
    const reply = await table(`?limit=7&offset=${Number(next)}`);
    expect([reply.status, reply.json["total"]]).toEqual([200, 50]);
    seen.push(...rowsIn(reply, "items").map((row) => JSON.stringify(row["match"])));
    next = reply.json["next"];
  }
  expect([seen.length, new Set(seen).size]).toEqual([50, 50]);
  expect(rowsIn(await table("?offset=50"), "items")).toEqual([]);
  await app.swap(() => app.directory.write({ "all.json": manifestText(service("echo", [9001]), ...routes.slice(1)) }));
  expect((await table("?limit=7")).json).toMatchObject({ total: 48, next: 7, versions: { routing: { version: 2 } } });
});

it("/debug/problems tells where each problem is, by object", async () => {
  const app = await startApp({
    files: {
      "a.yaml": [
        "apiVersion: fairlead.dev/v1alpha1",
        "kind: WebSocketRoute",
        "metadata: { name: a, namespace: shop }",
        "spec:",
        "  rules:",
        "    - name: all",
        "      backendRefs: [{ name: missing, port: 80 }]",
        "",
      ].join("\n"),
      "b.yaml": "apiVersion: v1\nkind: Secret\nmetadata: { name: b }\nstringData:\n  x: 'SENTINEL\n",
      "c.yaml": "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: c }\nspec: { rules: 7 }\n",
    },
  });
  const problems = (query = ""): Promise<DebugReply> => askDebug(app.ports.admin, `/debug/problems${query}`);
  const reply = await problems();
  const { promised, found } = membersOf("GET /debug/problems", reply);
  expect(found).toEqual(promised);
  expect(reply.json).toMatchObject({ total: 3, matched: 3 });
  const [syntax, schema, missing] = rowsIn(reply, "problems");
  expect(syntax).toMatchObject({ kind: null, name: null, reason: "InvalidYaml", effect: null, file: "b.yaml" });
  expect(schema).toMatchObject({
    kind: "Ingress",
    namespace: "default",
    name: "c",
    field: "spec.rules",
    value: "",
    effect: null,
    file: "c.yaml",
    line: 4,
  });
  expect(missing).toMatchObject({
    kind: "WebSocketRoute",
    namespace: "shop",
    name: "a",
    field: "spec.rules[0].backendRefs[0].name",
    value: "missing",
    reason: "BackendNotFound",
    effect: "refused",
    message: expect.stringContaining("missing"),
    file: "a.yaml",
    line: 7,
  });
  expect(rowsIn(await problems("?namespace=shop&kind=WebSocketRoute&name=a"), "problems")).toEqual([missing]);
  expect(rowsIn(await problems("?reason=BackendNotFound"), "problems")).toEqual([missing]);
  expect((await problems("?kind=Service")).json).toEqual({ total: 3, matched: 0, problems: [] });
  const cut = await problems("?limit=1");
  expect([cut.json["matched"], rowsIn(cut, "problems")]).toEqual([3, [syntax]]);
  expect(reply.text).not.toContain("SENTINEL");
});
