import { describe, expect, it, onTestFinished } from "vitest";
import type { FlagTexts } from "../../src/config/flags.ts";
import { createManifestDirectory } from "../files/manifest-directory.ts";
import { requestBytes } from "../harness/incoming-request.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { type Collector, startCollector } from "../harness/otlp-collector.ts";
import { listenRaw, type RawBackend } from "../harness/raw-backend.ts";
import { connectRaw } from "../harness/raw-client.ts";
import { sentinel } from "../harness/sentinels.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { serveByCli, startCli } from "../harness/start-cli.ts";
import { fieldOf, readHead, switchingTo } from "../harness/websocket-backend.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const parentOf = (flags: string): string => `traceparent: 00-${TRACE}-${SPAN}-${flags}\r\n`;
const VALID = parentOf("01");
const STATE = "tracestate: rojo=00f067aa0ba902b7,congo=t61rcWkgMzE\r\n";

type House = { readonly app: RunningApp; readonly backend: RawBackend; readonly manifests: string };

async function startBackend(): Promise<RawBackend> {
  const backend = await listenRaw(async (peer) => {
    const head = await readHead(peer);
    if (head.startsWith("GET /no ")) await peer.send("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    else if (/upgrade: websocket/i.test(head)) await peer.send(switchingTo(head));
    else await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  onTestFinished(backend.close);
  return backend;
}

function manifestsFor(backend: RawBackend): string {
  const rules = [rule("all", "/", ["echo"]), rule("broken", "/broken", ["absent"])];
  return manifestText(service("echo", [backend.port]), route("echo", rules));
}

async function openHouse(flags: FlagTexts): Promise<House> {
  const backend = await startBackend();
  const manifests = manifestsFor(backend);
  return { backend, manifests, app: await startApp({ flags, files: { "all.json": manifests } }) };
}

/** Sends a request with these lines behind its fields; resolves to the head of the answer. */
async function send(port: number, path: string, lines: string, upgrade = true): Promise<string> {
  const client = await connectRaw(port);
  onTestFinished(() => void client.socket.destroy());
  const head = upgrade ? requestBytes({ url: path }) : `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`;
  await client.send(`${head.slice(0, -2)}${lines}\r\n`);
  const answer = (await client.until("\r\n\r\n", 15_000)).toString("latin1");
  client.reset();
  return answer;
}

/** What the backend was told of the trace. */
async function toldBackend({ backend }: Pick<House, "backend">, index = 0): Promise<readonly (string | null)[]> {
  const head = await readHead(await backend.connection(index));
  return [fieldOf(head, "traceparent"), fieldOf(head, "tracestate")];
}

describe("with tracing off, a trace context", () => {
  const rows: readonly (readonly [what: string, lines: string, told: readonly (string | null)[]])[] = [
    ["goes through as it was written", VALID + STATE, [VALID.slice(13, -2), STATE.slice(12, -2)]],
    [
      "of a later version goes through",
      `traceparent: cc-${TRACE}-${SPAN}-01-x\r\n`,
      [`cc-${TRACE}-${SPAN}-01-x`, null],
    ],
    ["that is invalid is dropped with its state", `traceparent: 00-${TRACE}-${SPAN}\r\n${STATE}`, [null, null]],
    ["that is there twice is dropped", VALID + VALID + STATE, [null, null]],
    ["is not made up", STATE, [null, null]],
  ];

  it.each(rows)("%s, on a handshake and on a plain request", async (_what, lines, told) => {
    const house = await openHouse({});
    expect(await send(house.app.ports.http, "/a", lines)).toMatch(/^HTTP\/1\.1 101 /);
    expect(await send(house.app.ports.http, "/b", lines, false)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await toldBackend(house, 0)).toEqual(told);
    expect(await toldBackend(house, 1)).toEqual(told);
    const traceId = told[0] === null ? null : TRACE;
    const lines2 = await house.app.log.linesWhere(({ path }) => path === "/a" || path === "/b", 2, 15_000);
    expect(lines2.map((line) => line["traceId"])).toEqual([traceId, traceId]);
  });
});

async function openTracedHouse(flags: FlagTexts = {}): Promise<House & { readonly collector: Collector }> {
  const collector = await startCollector();
  return { collector, ...(await openHouse({ tracingEndpoint: collector.url, ...flags })) };
}

describe("with tracing on", () => {
  it("a handshake is one span of its client's trace, and the backend's parent", async () => {
    const house = await openTracedHouse();
    const before = Date.now();
    const secrets = `Cookie: s=${sentinel("cookie")}\r\nAuthorization: Bearer ${sentinel("bearer")}\r\n`;
    await send(house.app.ports.http, `/chat?access_token=${sentinel("query")}`, VALID + STATE + secrets);
    const [span, ...more] = await house.collector.collected(1);
    expect(more).toEqual([]);
    const line = await house.app.log.lineWhere(({ path }) => path === "/chat", 15_000);
    expect(span).toMatchObject({
      traceId: TRACE,
      parentSpanId: SPAN,
      traceState: "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
      name: "GET WebSocketRoute/default/echo/all",
      kind: 2,
      status: 0,
      resource: { "service.name": "fairlead", "service.version": "0.0.0", "service.instance.id": expect.any(String) },
    });
    expect(span?.attributes).toEqual({
      "http.request.method": "GET",
      "http.response.status_code": 101,
      "url.scheme": "http",
      "url.path": "/chat",
      "server.address": "a.example",
      "network.protocol.name": "http",
      "network.protocol.version": "1.1",
      "network.peer.address": "127.0.0.1",
      "client.address": "127.0.0.1",
      "fairlead.request.id": line["id"],
      "fairlead.route": "WebSocketRoute/default/echo/all",
      "fairlead.service": "default/echo:80",
      "fairlead.endpoint": `127.0.0.1:${house.backend.port}`,
    });
    expect(span?.events).toEqual([
      { name: "fairlead.matched", attributes: {} },
      { name: "fairlead.admitted", attributes: {} },
      { name: "fairlead.dialling", attributes: { "fairlead.endpoint": `127.0.0.1:${house.backend.port}` } },
    ]);
    expect(Number(span?.startNs) / 1e6).toBeGreaterThanOrEqual(before - 1);
    expect(Number(span?.endNs) / 1e6).toBeLessThanOrEqual(Date.now() + 1);
    expect(span?.endNs).toBeGreaterThan(span?.startNs ?? 0n);
    expect(await toldBackend(house)).toEqual([`00-${TRACE}-${span?.spanId}-01`, STATE.slice(12, -2)]);
    expect(line["traceId"]).toBe(TRACE);
    expect(house.collector.requests[0]).toMatchObject({
      path: "/v1/traces",
      headers: { "content-type": "application/x-protobuf" },
    });
  });

  it("one without a valid context begins a trace of its own", async () => {
    const house = await openTracedHouse();
    await send(house.app.ports.http, "/chat", `traceparent: 00-${"0".repeat(32)}-${SPAN}-01\r\n${STATE}`);
    const [span] = await house.collector.collected(1);
    expect(span).toMatchObject({ parentSpanId: "", traceState: "", traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(span?.traceId).not.toBe("0".repeat(32));
    expect(await toldBackend(house)).toEqual([`00-${span?.traceId}-${span?.spanId}-01`, null]);
  });

  it("a refusal and a backend's own answer end the span, with what went wrong", async () => {
    const house = await openTracedHouse();
    const { http } = house.app.ports;
    await send(http, "/broken", "");
    await send(http, "/no", "");
    await send(http, "/chat", "Expect: 100-continue\r\n");
    const spans = await house.collector.collected(3);
    const [broken, declined, expecting] = ["/broken", "/no", "/chat"].map((path) =>
      spans.find(({ attributes }) => attributes["url.path"] === path),
    );
    expect(broken).toMatchObject({
      status: 2,
      name: "GET WebSocketRoute/default/echo/broken",
      attributes: { "http.response.status_code": 503, "error.type": "RouteRefused" },
    });
    expect(declined).toMatchObject({ status: 0, attributes: { "http.response.status_code": 403 } });
    expect(declined?.attributes).not.toHaveProperty("error.type");
    expect(expecting).toMatchObject({
      status: 0,
      name: "GET",
      attributes: { "http.response.status_code": 417, "error.type": "ExpectationFailed" },
      events: [],
    });
  });

  it("what its client did not sample is not sent, and the backend is told so; plain requests have no span", async () => {
    const house = await openTracedHouse();
    const { http } = house.app.ports;
    await send(http, "/unsampled", parentOf("00"));
    expect((await toldBackend(house, 0))[0]).toMatch(new RegExp(`^00-${TRACE}-(?!${SPAN})[0-9a-f]{16}-00$`));
    await send(http, "/plain", VALID, false);
    expect(await toldBackend(house, 1)).toEqual([VALID.slice(13, -2), null]);
    await send(http, "/sampled", VALID);
    const spans = await house.collector.collected(1);
    expect(spans.map(({ attributes }) => attributes["url.path"])).toEqual(["/sampled"]);
  });

  it("--tracing-sample-ratio decides where no client does", async () => {
    const house = await openTracedHouse({ tracingSampleRatio: "0" });
    await send(house.app.ports.http, "/undecided", "");
    expect((await toldBackend(house))[0]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    await send(house.app.ports.http, "/decided", VALID);
    const spans = await house.collector.collected(1);
    expect(spans.map(({ attributes }) => attributes["url.path"])).toEqual(["/decided"]);
  });

  it("a collector that refuses or is away costs no handshake; it is told and counted", async () => {
    const house = await openTracedHouse();
    house.collector.answerWith(400);
    await send(house.app.ports.http, "/chat", "");
    await house.app.log.lineWhere(({ msg }) => String(msg).startsWith("spans could not be exported"), 15_000);
    const page = await (await fetch(`http://127.0.0.1:${house.app.ports.admin}/metrics`)).text();
    expect(page).toMatch(/^fairlead_trace_spans_total\{fate="failed"\} 1$/mu);
    house.collector.answerWith(200);
    expect(await send(house.app.ports.http, "/chat", "")).toMatch(/^HTTP\/1\.1 101 /);
    await house.collector.collected(1);
    await house.app.log.lineWhere(({ msg }) => String(msg).startsWith("spans are exported again"), 15_000);
  });
});

describe("as a process", () => {
  it("sends what waits before it exits, with the headers and names of OpenTelemetry's environment", async () => {
    const [collector, backend, directory] = [
      await startCollector(),
      await startBackend(),
      await createManifestDirectory(),
    ];
    await directory.write({ "all.json": manifestsFor(backend) });
    const flags = ["--tracing-endpoint", collector.url, "--propagation-delay", "0s"];
    const environment = {
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${sentinel("collector")}`,
      OTEL_SERVICE_NAME: "edge",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
    };
    const server = await serveByCli(directory.root, flags, environment);
    await send(server.ports.http, "/chat", VALID);
    server.signal("SIGTERM");
    expect(await server.exited).toMatchObject({ code: 0 });
    const [span] = await collector.collected(1);
    expect(span).toMatchObject({
      traceId: TRACE,
      resource: { "service.name": "edge", "deployment.environment.name": "test" },
    });
    expect(collector.requests[0]?.headers.authorization).toBe(`Bearer ${sentinel("collector")}`);
    expect(server.errors()).toBe("");
  });

  it("without OpenTelemetry's packages it does not start, and says which to install; without the flag it never asks for them", async () => {
    // The API alone is always there: prom-client loads it.
    const hook =
      "import { registerHooks } from 'node:module'; registerHooks({ resolve: (name, context, next) => { if (/^@opentelemetry.(?!api$)/.test(name)) throw Object.assign(new Error(name), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context); } });";
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` };
    const directory = await createManifestDirectory();
    await directory.write({ "all.json": manifestsFor(await startBackend()) });
    const words = ["serve", "--manifests", directory.root, "--tracing-endpoint", "http://127.0.0.1:4318"];
    const failing = startCli(words, environment);
    expect(await failing.exited).toMatchObject({ code: 1 });
    expect(failing.errors()).toBe(
      "fairlead: error MissingPackage: --tracing-endpoint needs packages that are not installed: npm install @opentelemetry/api @opentelemetry/sdk-trace @opentelemetry/resources @opentelemetry/exporter-trace-otlp-proto\n",
    );
    const server = await serveByCli(directory.root, [], environment);
    expect(await send(server.ports.http, "/chat", VALID)).toMatch(/^HTTP\/1\.1 101 /);
  });
});
