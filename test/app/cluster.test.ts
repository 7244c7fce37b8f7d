import { get } from "node:http";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished, vi } from "vitest";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import type { FlagTexts } from "../../src/config/flags.ts";
import { ingress, route, rule, service, slice, tlsSecret } from "../harness/manifests.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { startCli } from "../harness/start-cli.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { openWs, type WsClient } from "../harness/ws-client.ts";
import { type FakeApiServer, sendForbidden, startFakeApiServer } from "../kube/fake-api-server.ts";
import type { ClusterObject } from "../kube/fake-cluster.ts";
import { writeKubeconfig } from "../kube/write-kubeconfig.ts";

const CLASS: ClusterObject = {
  apiVersion: "networking.k8s.io/v1",
  kind: "IngressClass",
  metadata: { name: "fairlead" },
  spec: { controller: "fairlead.dev/ingress-controller" },
} as ClusterObject;

/** A cluster with the class, and a Service `echo` whose endpoint echoes. */
async function startCluster(): Promise<{ readonly api: FakeApiServer; readonly port: number }> {
  const api = await startFakeApiServer();
  const { port } = await startWsBackend({});
  put(api, CLASS, service("echo", null), slice("echo", port, [{ addresses: ["127.0.0.1"] }]));
  return { api, port };
}

function put(api: FakeApiServer, ...objects: readonly unknown[]): void {
  for (const object of objects) api.cluster.put(object as ClusterObject);
}

async function serve(
  api: FakeApiServer,
  flags: FlagTexts = {},
  namespaces: readonly string[] = [],
): Promise<RunningApp> {
  const hints = {
    kubeconfig: await writeKubeconfig(api),
    context: null,
    environmentFiles: [],
    service: null,
    home: null,
  };
  return await startApp({ files: {}, flags, source: { type: "cluster", hints, namespaces, allowLoopback: true } });
}

async function open(url: string, options: Parameters<typeof openWs>[2] = {}): Promise<WsClient> {
  const client = await openWs(url, [], options);
  onTestFinished(() => client.socket.terminate());
  return client;
}

async function echoes(client: WsClient, message: string): Promise<void> {
  client.socket.send(message);
  expect(String((await client.next()).data)).toBe(message);
}

async function page(app: RunningApp, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  get({ host: "127.0.0.1", port: app.ports.admin, path, agent: false }, (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  }).on("error", reject);
  return await promise;
}

const WAIT = { timeout: 15_000, interval: 20 };

it("an Ingress and a WebSocketRoute of a cluster lead to an echoed socket, and what is created later does too", async () => {
  const { api } = await startCluster();
  put(api, ingress("web", "web.example.com", "echo"));
  put(api, route("chat", [rule("all", "/chat", ["echo"])], { hostnames: ["chat.example.com"] }));
  const app = await serve(api);
  const url = `ws://127.0.0.1:${app.ports.http}`;
  await echoes(await open(`${url}/`, { headers: { host: "web.example.com" } }), "through the Ingress");
  await echoes(await open(`${url}/chat`, { headers: { host: "chat.example.com" } }), "through the route");
  await app.swap(async () => put(api, ingress("late", "late.example.com", "echo")));
  await echoes(await open(`${url}/`, { headers: { host: "late.example.com" } }), "created later");
  expect(await page(app, "/readyz")).toEqual({ status: 200, body: "ok\n" });
  const metrics = (await page(app, "/metrics")).body;
  expect(metrics).toContain('fairlead_kube_objects{watched="Ingress"} 2');
  expect(metrics).toContain('fairlead_kube_watch_state{watched="Ingress",watch_state="synced"} 1');
  expect(metrics).toContain('fairlead_kube_lists_total{watched="Ingress",list_reason="start"} 1');
});

it("sockets stay open and new ones are served while the API server is gone, and what changed meanwhile is read when it is back", async () => {
  const { api } = await startCluster();
  put(api, ingress("web", "web.example.com", "echo"));
  const app = await serve(api);
  const url = `ws://127.0.0.1:${app.ports.http}/`;
  const before = await open(url, { headers: { host: "web.example.com" } });
  await echoes(before, "before");
  await api.stop();
  await app.log.lineWhere((line) => String(line["msg"]).includes("cannot be reached"), 15_000);
  await echoes(before, "still here");
  await echoes(await open(url, { headers: { host: "web.example.com" } }), "new, without an API server");
  const { status, body } = await page(app, "/readyz");
  expect([status, body]).toEqual([200, expect.stringContaining("the API server cannot be reached")]);
  put(api, ingress("late", "late.example.com", "echo"));
  await api.restart();
  const late = await vi.waitFor(async () => await open(url, { headers: { host: "late.example.com" } }), WAIT);
  await echoes(late, "back");
  await echoes(before, "never closed");
  expect([before.isOpen(), before.errors]).toEqual([true, []]);
  // What was known is resumed, not listed again.
  const lists = api.requests.filter(({ plural, isWatch }) => plural === "ingresses" && !isWatch);
  expect(lists.length).toBe(1);
});

it("only Secrets that routes name are read, by name, and a rotated certificate is served after its route changes", async () => {
  const { api } = await startCluster();
  const [first, second] = [await makeSelfSigned(["tls.example.com"]), await makeSelfSigned(["tls.example.com"])];
  put(api, tlsSecret("tls", first), tlsSecret("other", second));
  put(api, ingress("tls", "tls.example.com", "echo", { tls: { tls: ["tls.example.com"] } }));
  const app = await serve(api);
  const url = `wss://127.0.0.1:${app.ports.https}/`;
  const options = { headers: { host: "tls.example.com" }, servername: "tls.example.com" };
  await echoes(await open(url, { ...options, ca: first.chain }), "first certificate");
  expect(app.log.lines().filter(({ level }) => level === "warn")).toEqual([]);
  put(api, tlsSecret("tls", second));
  put(api, ingress("tls", "tls.example.com", "echo", { tls: { tls: ["tls.example.com"] }, path: "/x" }));
  await vi.waitFor(async () => await open(`${url}x`, { ...options, ca: second.chain }), WAIT);
  const secrets = api.requests.filter(({ plural }) => plural === "secrets");
  expect(new Set(secrets.map(({ name }) => name))).toEqual(new Set(["tls"]));
  expect(secrets.every(({ isWatch, namespace }) => !isWatch && namespace === "default")).toBe(true);
});

it("with --watch-namespace nothing is asked outside the namespace, and the named class is served without IngressClasses", async () => {
  const { api } = await startCluster();
  put(api, ingress("web", "web.example.com", "echo"));
  const app = await serve(api, {}, ["default"]);
  await echoes(
    await open(`ws://127.0.0.1:${app.ports.http}/`, { headers: { host: "web.example.com" } }),
    "in its namespace",
  );
  expect(new Set(api.requests.map(({ namespace }) => namespace))).toEqual(new Set(["default"]));
  expect(api.requests.some(({ plural }) => plural === "ingressclasses")).toBe(false);
});

it("what cannot be read is said while the start waits for it, and SIGTERM ends the wait with 0", async () => {
  const { api } = await startCluster();
  put(api, ingress("web", "web.example.com", "echo"));
  const lift = api.intervene((request, response) => {
    if (request.plural === "services") sendForbidden(response, request);
    return request.plural === "services";
  });
  const kubeconfig = await writeKubeconfig(api);
  const words = [
    "serve",
    "--kubeconfig",
    kubeconfig,
    "--http-address",
    "127.0.0.1:0",
    "--https-address",
    "127.0.0.1:0",
  ];
  const cli = startCli([...words, "--admin-address", "127.0.0.1:0"]);
  const forbidden = "RBAC does not permit to read it: grant list and watch on services in a ClusterRole";
  await cli.out.lineWhere((line) => line["msg"] === `Service objects: ${forbidden}`, 15_000);
  expect(cli.out.lines().some((line) => line["msg"] === "ready")).toBe(false);
  cli.signal("SIGTERM");
  expect(await cli.exited).toMatchObject({ code: 0, signal: null });
  lift();
});
