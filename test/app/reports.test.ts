import { EventEmitter } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import type { WebSocketRouteRule } from "../../src/api/websocket-route.ts";
import type { FlagTexts } from "../../src/config/flags.ts";
import { isReport, type LogLine } from "../harness/log-collector.ts";
import { type Manifest, manifestText, route, rule, service } from "../harness/manifests.ts";
import { listenRaw, type RawBackend } from "../harness/raw-backend.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { readHead, switchingTo } from "../harness/websocket-backend.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { HANDSHAKES, type Kind, PLAIN, SECRETS, SOCKETS } from "./mixed-load.ts";

const KINDS: readonly Kind[] = [...SOCKETS, ...HANDSHAKES, ...PLAIN];
/** Requests of each kind. */
const EACH = 12;

/** A backend that answers every head in one way, and tells of each that arrived. */
async function startRaw(arrivals: EventEmitter, answer: (head: string) => string): Promise<RawBackend> {
  const backend = await listenRaw(async (peer) => {
    peer.socket.once("end", () => peer.socket.end());
    const head = await readHead(peer);
    arrivals.emit(head.split(" ")[1]?.split("?")[0] ?? "");
    const bytes = answer(head);
    if (bytes === "") return;
    await peer.send(bytes);
    peer.end();
  });
  onTestFinished(backend.close);
  return backend;
}

function ruleOf({ name, to }: Kind): readonly WebSocketRouteRule[] {
  if (to === null) return [];
  const timeouts = to === "silent" ? { handshake: "500ms" } : {};
  const more = { timeouts, security: { allowedOrigins: ["https://a.example"] } };
  const [first = ""] = name.split("/");
  return [rule(first, `/${first}`, [to], more)];
}

type House = { readonly app: RunningApp; readonly arrivals: EventEmitter };

async function openHouse(flags: FlagTexts = {}, more: readonly Manifest[] = []): Promise<House> {
  const arrivals = new EventEmitter();
  arrivals.setMaxListeners(0);
  const echo = await startWsBackend({
    options: { handleProtocols: () => "chat" },
    plain: (request, response) => request.resume().once("end", () => response.end("served")),
    connected: (socket) => {
      socket.on("message", (data: Buffer, binary) => {
        if (data.toString() === "die") socket.terminate();
        else if (data.toString() === "close") socket.close(4000, SECRETS.close);
        else socket.send(data, { binary });
      });
    },
  });
  const silent = await startRaw(arrivals, () => "");
  const wrong = await startRaw(arrivals, (head) => switchingTo(head).replace(/(Accept: )./, "$1!"));
  const declines = await startRaw(arrivals, () => "HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nnot you");
  const cuts = await startRaw(arrivals, () => "HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\nnot all");
  const dead = await startRaw(arrivals, () => "");
  await dead.close();
  const services = Object.entries({ silent, wrong, declines, cuts, dead, echo });
  const objects = [
    ...services.map(([name, { port }]) => service(name, [port])),
    service("empty", null),
    // A route holds at most 16 rules.
    ...[SOCKETS, HANDSHAKES, PLAIN].map((kinds, index) => route(`all-${index}`, kinds.flatMap(ruleOf))),
    ...more,
  ];
  return { arrivals, app: await startApp({ flags, files: { "all.json": manifestText(...objects) } }) };
}

/** Runs so many requests of each kind, all kinds at once and mixed, a hundred at a time. */
async function runLoad({ app, arrivals }: House, each: number): Promise<void> {
  const calls = Array.from({ length: each }, (_, turn) =>
    KINDS.map((kind) => async () => await kind.act({ port: app.ports.http, path: `/${kind.name}/${turn}`, arrivals })),
  ).flat();
  for (let at = 0; at < calls.length; at += 100)
    await Promise.all(calls.slice(at, at + 100).map(async (call) => await call()));
}

function reportsOf({ report, name, pathless }: Kind, reports: readonly LogLine[]): readonly LogLine[] {
  if (pathless === undefined) return reports.filter(({ path }) => String(path).startsWith(`/${name}/`));
  return reports.filter(({ path, status, detail }) => {
    return path === null && status === report["status"] && String(detail).includes(pathless);
  });
}

function expectSense(line: LogLine): void {
  const { durationMs, handshakeMs, bytesIn, bytesOut } = line;
  expect(line).toMatchObject({ clientAddress: "127.0.0.1", peerAddress: "127.0.0.1", secure: false });
  expect(handshakeMs).toBeGreaterThanOrEqual(0);
  expect(handshakeMs).toBeLessThan(10_000);
  if (line["outcome"] === "refused") return;
  expect(durationMs).toBeGreaterThanOrEqual(0);
  expect(durationMs).toBeLessThan(20_000);
  expect(line["endpoint"]).toMatch(/^127\.0\.0\.1:\d+$/);
  if (line["outcome"] === "answered") return;
  expect(bytesIn).toBeGreaterThanOrEqual(Number(line["framesIn"]) * 6);
  expect(bytesOut).toBeGreaterThanOrEqual(Number(line["framesOut"]) * 2);
  expect(line["messagesIn"]).toBeLessThanOrEqual(Number(line["framesIn"]));
}

it(`Each of ${KINDS.length * EACH} requests of ${KINDS.length} kinds ends with exactly one report, whose fields are its own`, async () => {
  const house = await openHouse();
  const { app } = house;
  await runLoad(house, EACH);
  const total = KINDS.length * EACH;
  await app.log.linesWhere(isReport, total);
  // Whatever is late to be said is said before this.
  await (await fetch(`http://127.0.0.1:${app.ports.http}/last`)).arrayBuffer();
  await app.log.lineWhere(({ path }) => path === "/last");
  const reports = app.log.reports().slice(0, total);
  expect(app.log.reports()).toHaveLength(total + 1);
  expect(new Set(reports.map(({ id }) => id)).size).toBe(total);
  for (const kind of KINDS) {
    const own = reportsOf(kind, reports);
    expect([kind.name, own.length]).toEqual([kind.name, EACH]);
    for (const line of own) {
      expect({ kind: kind.name, ...line }).toMatchObject({ kind: kind.name, ...kind.report });
      expectSense(line);
    }
  }
  const health = (await (await fetch(`http://127.0.0.1:${app.ports.admin}/healthz`)).json()) as Record<string, unknown>;
  expect(health["connections"]).toEqual({ open: 0, closing: 0, handshaking: 0, total: SOCKETS.length * EACH });
});

/** Manifests that are wrong in the places where a Secret's data is. */
const WRONG_SECRETS: Readonly<Record<string, string>> = {
  "broken.yaml": "kind: Secret\ndata:\n  tls.key: [SENTINEL-yaml\n",
  "tabs.yaml":
    "apiVersion: v1\nkind: Secret\nmetadata: { name: tabs }\nstringData:\n  password: SENTINEL-tabs\n\ttls.key: SENTINEL-tabbed\n",
  "types.yaml":
    "apiVersion: v1\nkind: Secret\nmetadata: { name: types }\ndata:\n  tls.key: { nested: SENTINEL-nested }\n",
  "base64.yaml": "apiVersion: v1\nkind: Secret\nmetadata: { name: base64 }\ndata:\n  tls.key: SENTINEL-not-base64!\n",
  "fields.yaml": "apiVersion: v1\nkind: Secret\nmetadata: { name: fields }\nsecretData: SENTINEL-unknown-field\n",
  "alias.yaml":
    "apiVersion: v1\nkind: Secret\nmetadata: { name: alias }\nstringData: { a: &SENTINEL-anchor SENTINEL-anchored, b: *nowhere }\n",
};

it.each(["json", "pretty"])(
  "No secret of a request, a frame or a Secret is in anything that the process writes, at level debug (%s)",
  async (logFormat) => {
    const key = "-----BEGIN PRIVATE KEY-----\nSENTINEL-private-key\n-----END PRIVATE KEY-----\n";
    const data = { "tls.crt": Buffer.from(key).toString("base64"), "tls.key": Buffer.from(key).toString("base64") };
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "tls" },
      type: "kubernetes.io/tls",
      data,
    } as const;
    const tls = { certificateRefs: [{ name: "tls" }] };
    const unusable = route("unusable", [rule("all", "/", ["echo"])], { hostnames: ["tls.example"], tls });
    const house = await openHouse({ logLevel: "debug", logFormat, debugResponses: true }, [secret, unusable]);
    const { app } = house;
    await app.directory.write(WRONG_SECRETS);
    for (const file of Object.keys(WRONG_SECRETS)) await app.log.textWhere((text) => text.includes(file));
    await runLoad(house, 2);
    await (await fetch(`http://127.0.0.1:${app.ports.http}/last`)).arrayBuffer();
    await app.log.textWhere((text) => text.includes("/last"));
    const pages = await Promise.all(
      ["/healthz", "/readyz", "/livez"].map(
        async (page) => await (await fetch(`http://127.0.0.1:${app.ports.admin}${page}`)).text(),
      ),
    );
    const written = [app.log.text(), ...pages].join("\n");
    expect(written.match(/.{0,80}SENTINEL.{0,40}/g)).toBeNull();
    expect(written).not.toContain(Buffer.from(key).toString("base64").slice(0, 24));
  },
);
