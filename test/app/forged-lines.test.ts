import { expect, it, onTestFinished } from "vitest";
import { requestBytes } from "../harness/incoming-request.ts";
import { isReport } from "../harness/log-collector.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { connectRaw } from "../harness/raw-client.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { closeWs, openWs } from "../harness/ws-client.ts";
import { buildHello, inRecords, serverNames } from "../proxy/listen/build-hello.ts";

const LINE = '{"level":"error","msg":"FORGED"}';

/** What would be a line of its own, another colour, a cleared line or text that runs backwards, if it came through. */
const FORGERY = `x\r\n${LINE}\n\u001b[2K\u001b[31m\u0000\u0085\u2028\u2029\u202Egnp.exe`;
const NAMED = JSON.stringify(FORGERY);

/** Requests whose every part is hostile; some are refused by the parser, some by us, some are served. */
const REQUESTS: readonly string[] = [
  ...["\r\nForged: 1", "\n{}", "\u001b[31m", "\u0000", "\u0085", "\u00e2\u0080\u00a8"].flatMap((text) => [
    requestBytes({ url: `/echo${text}` }),
    requestBytes({ more: [["X-Forwarded-For", `192.0.2.1${text}`]] }),
    requestBytes({ more: [["X-Request-Id", `id${text}`]] }),
    requestBytes({ change: { Host: `a${text}.example` } }),
    requestBytes({ more: [["Origin", `https://a${text}.example`]] }),
    requestBytes({ more: [["Sec-WebSocket-Protocol", `chat${text}`]] }),
    requestBytes({ method: `GET${text}` }),
  ]),
  requestBytes({ url: `/${encodeURIComponent(FORGERY)}` }),
  requestBytes({ url: `/${"a".repeat(12_000)}` }),
  requestBytes({ change: { Host: `${"a".repeat(12_000)}.example` } }),
  `GET /echo HTTP/1.1\r\nHost: a.example\r\nX-Huge: ${"a".repeat(10_000_000)}\r\n\r\n`,
];

/** Manifests with hostile file names, object names, fields and values. */
const MANIFESTS: Readonly<Record<string, string>> = {
  "name\n\u001b[31mforged.yaml": `apiVersion: v1\nkind: Service\nmetadata: { name: ${NAMED} }\nspec: { ports: [{ port: 80 }] }\n`,
  "kind.yaml": `apiVersion: v1\nkind: ${NAMED}\nmetadata: { name: x }\n`,
  "field.yaml": `apiVersion: v1\nkind: Service\nmetadata: { name: y }\nspec: { ports: [{ port: 80 }], ${NAMED}: 1 }\n`,
  "value.yaml": `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: z, annotations: { "fairlead.dev/drain-window": ${NAMED} } }\nspec: { ingressClassName: fairlead, defaultBackend: { service: { name: echo, port: { number: 80 } } } }\n`,
  "syntax.yaml": `a: [${FORGERY}`,
  "long.yaml": `apiVersion: v1\nkind: Service\nmetadata: { name: "${"n".repeat(1_000_000)}" }\n`,
};

async function openHouse(logFormat: string): Promise<RunningApp> {
  const backend = await startWsBackend({
    connected: (socket) => socket.once("message", () => socket.close(4000, FORGERY.slice(0, 60))),
  });
  const routes = [
    rule("all", "/", ["echo"], { matches: [{ path: { type: "PathPrefix", value: "/echo" } }] }),
    rule("ws", "/ws", ["echo"]),
  ];
  const files = { "all.json": manifestText(service("echo", [backend.port]), route("echo", routes)) };
  return await startApp({ files, flags: { logFormat, trustedProxies: ["127.0.0.0/8"] } });
}

async function send(port: number, bytes: string | Uint8Array): Promise<void> {
  const peer = await connectRaw(port);
  onTestFinished(() => void peer.socket.destroy());
  // What is refused in the middle of ten megabytes is not taken to the end.
  await peer.send(bytes).catch(() => {});
  await peer.until((received) => received.length > 0, 15_000).catch(() => {});
  peer.reset();
}

async function attack(app: RunningApp): Promise<void> {
  await app.directory.write(MANIFESTS);
  for (const file of Object.keys(MANIFESTS)) await app.log.textWhere((text) => text.includes(file.slice(0, 4)), 15_000);
  for (const request of REQUESTS) await send(app.ports.http, request);
  for (const name of [FORGERY, "a".repeat(255), "\u001b[31m.example"]) {
    await send(app.ports.https, inRecords(buildHello([serverNames(name)])));
  }
  const client = await openWs(`ws://127.0.0.1:${app.ports.http}/ws/${encodeURIComponent(LINE)}`);
  client.socket.send("close");
  await closeWs(client, 4001, FORGERY.slice(0, 60));
}

// oxlint-disable-next-line eslint/no-control-regex -- finding control characters is the point
const LINE_BREAKING = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/;

it("Threat 28: no text of a client or an author forges a line of a JSON log, and each request has one line", async () => {
  const app = await openHouse("json");
  await attack(app);
  await app.log.lineWhere((line) => line["outcome"] === "relayed", 15_000);
  await app.log.linesWhere(isReport, REQUESTS.length, 15_000);
  const text = app.log.text();
  expect(LINE_BREAKING.exec(text)).toBeNull();
  const lines = text.trimEnd().split("\n");
  for (const line of lines) {
    const { level, msg } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    expect([level, msg]).not.toEqual(["error", "FORGED"]);
    expect(level).toMatch(/^(?:debug|info|warn)$/);
    expect(line.length).toBeLessThan(8_192);
  }
  const ids = app.log.reports().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it("Threat 28: no text of a client or an author breaks a line that a person reads, or colours it", async () => {
  const app = await openHouse("pretty");
  await attack(app);
  await app.log.textWhere((text) => / ended by (?:client|backend) /.test(text), 15_000);
  const text = app.log.text();
  expect(LINE_BREAKING.exec(text)).toBeNull();
  for (const line of text.trimEnd().split("\n")) {
    expect(line).toMatch(/^\[\d\d:\d\d:\d\d\] (?:DEBUG|INFO|WARN): /);
    expect(line.length).toBeLessThan(8_192);
  }
});
