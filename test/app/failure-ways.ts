import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { expect, onTestFinished } from "vitest";
import type { FailureName } from "../../src/base/failures.ts";
import { createFlowTallies } from "../../src/base/flow-tally.ts";
import type { Machine } from "../../src/base/machine.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { systemMachine } from "../../src/base/system-machine.ts";
import { noTracer } from "../../src/base/tracing.ts";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import type { FlagTexts } from "../../src/config/flags.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { createDataPlane } from "../../src/data-plane.ts";
import { createLog } from "../../src/observe/log.ts";
import { createReporting } from "../../src/observe/reporting.ts";
import type { AnyPolicy } from "../../src/policy/policy.ts";
import { startHttpListener } from "../../src/proxy/listen/http-listener.ts";
import { HTTP_DEFAULTS } from "../../src/proxy/listen/http-server.ts";
import { type RequestChanges, requestBytes } from "../harness/incoming-request.ts";
import { collectLog, type LogCollector } from "../harness/log-collector.ts";
import { ingress, manifestText, route, rule, service, tlsSecret } from "../harness/manifests.ts";
import { openDoor } from "../harness/open-door.ts";
import { startCollector } from "../harness/otlp-collector.ts";
import { listenRaw } from "../harness/raw-backend.ts";
import { connectRaw, type RawPeer, wrapSocket } from "../harness/raw-client.ts";
import { SENTINEL, sentinel } from "../harness/sentinels.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { readHead } from "../harness/websocket-backend.ts";
import { openHouse as openHandshakeHouse } from "../proxy/handshake/open-house.ts";

/** How a failure is brought about with a secret in every place of the request. Resolves to what was logged or reported of it. */
export type Way = () => Promise<Readonly<Record<string, unknown>>>;

const SECRET_FIELDS = [
  ["Authorization", `Bearer ${sentinel("bearer")}`],
  ["Authorization-Basic", `Basic ${Buffer.from(`user:${sentinel("password")}`).toString("base64")}`],
  ["Cookie", `session=${sentinel("cookie")}`],
  ["Proxy-Authorization", `Bearer ${sentinel("proxy")}`],
  ["Referer", `https://a.example/?access_token=${sentinel("referer")}`],
  ["Sec-WebSocket-Protocol", `chat, ${sentinel("subprotocol")}`],
  ["X-Api-Key", sentinel("api-key")],
] as const;

/** A handshake for this path, with a secret in its query and in every field that can hold one. */
export function secretRequest(path: string, changes: RequestChanges = {}): string {
  const more = [...SECRET_FIELDS, ...(changes.more ?? [])];
  return requestBytes({ ...changes, url: `${path}?access_token=${sentinel("query")}&v=1`, more });
}

/** Where answers of the backends go wrong, they hold secrets too. */
const SET_COOKIE = `Set-Cookie: session=${sentinel("set-cookie")}`;

async function startBackends(): Promise<Readonly<Record<string, number>>> {
  const scripts: Readonly<Record<string, (peer: RawPeer) => Promise<void> | void>> = {
    silent: () => {},
    wrong: async (peer) => {
      await readHead(peer);
      await peer.send(`HTTP/1.1 101 Switching Protocols\r\n${SET_COOKIE}\r\n${sentinel("no-field")}\r\n\r\n`);
    },
    resets: async (peer) => {
      await readHead(peer);
      peer.reset();
    },
    "no-tls": async (peer) => {
      await peer.until((bytes) => bytes.length > 0);
      await peer.send(`HTTP/1.1 400 ${sentinel("reason")}\r\n${SET_COOKIE}\r\n\r\n`);
    },
  };
  const ports: Record<string, number> = {};
  for (const [name, script] of Object.entries(scripts)) {
    const backend = await listenRaw(script);
    onTestFinished(backend.close);
    ports[name] = backend.port;
  }
  return ports;
}

/** An app in which every rule but one leads to a failure. */
async function openHouse(flags: FlagTexts = {}, machine: Machine = systemMachine): Promise<RunningApp> {
  const { silent = 0, wrong = 0, resets = 0, "no-tls": noTls = 0 } = await startBackends();
  const dead = await listenRaw();
  await dead.close();
  const soon = { timeouts: { handshake: "500ms" } };
  const tls = { name: "web", port: 80, appProtocol: "kubernetes.io/wss" };
  const pattern = { matches: [{ path: { type: "RegularExpression", value: "/pattern/(a|b)+" } }] } as const;
  const chat = { matches: [{ path: { type: "PathPrefix", value: "/upgrade-only" }, subprotocols: ["chat"] }] } as const;
  const pair = await makeSelfSigned(["tls.example"]);
  const objects = [
    service("silent", [silent]),
    service("wrong", [wrong]),
    service("resets", [resets]),
    service("dead", [dead.port]),
    service("no-tls", [noTls], tls),
    service("silent-tls", [silent], tls),
    service("empty", null),
    route("first", [
      rule("silent", "/silent", ["silent"], soon),
      rule("slow", "/slow", ["silent"]),
      rule("wrong", "/wrong", ["wrong"]),
      rule("resets", "/resets", ["resets"]),
      rule("dead", "/dead", ["dead"]),
      rule("no-tls", "/no-tls", ["no-tls"]),
      rule("silent-tls", "/silent-tls", ["silent-tls"], { timeouts: { connect: "300ms" } }),
    ]),
    route("second", [
      rule("empty", "/empty", ["empty"]),
      rule("missing", "/missing", ["missing"]),
      rule("guarded", "/guarded", ["silent"], { security: { allowedOrigins: ["https://a.example"] } }),
      rule("pattern", "/pattern", ["silent"], pattern),
      rule("upgrade-only", "/upgrade-only", ["silent"], chat),
    ]),
    tlsSecret("tls", pair),
    ingress("tls", "tls.example", "silent", { tls: { tls: ["tls.example"] } }),
  ];
  const { url: tracingEndpoint } = await startCollector();
  const always = { debugResponses: true, propagationDelay: "0s", gracePeriod: "15s", tracingEndpoint };
  return await startApp({ files: { "all.json": manifestText(...objects) }, flags: { ...always, ...flags }, machine });
}

/** Sends bytes to an app, and takes the line that is logged of them. The answer holds nothing of theirs. */
async function ask(app: RunningApp, bytes: string): ReturnType<Way> {
  const client = await dial(app);
  await client.send(bytes);
  const answer = (await client.until("\r\n\r\n", 15_000)).toString("latin1");
  expect(answer.replace(/^Location: .*$/m, "")).not.toContain(SENTINEL);
  return await refusal(app.log);
}

async function dial(app: RunningApp): Promise<RawPeer> {
  const client = await connectRaw(app.ports.http);
  onTestFinished(() => void client.socket.destroy());
  return client;
}

async function refusal(log: LogCollector): ReturnType<Way> {
  return await log.lineWhere(({ outcome }) => outcome === "refused", 15_000);
}

function refused(path: string, changes: RequestChanges = {}): Way {
  return async () => await ask(await openHouse(), secretRequest(path, changes));
}

/** The same without Upgrade. */
function refusedPlain(path: string): Way {
  return refused(path, { change: { Upgrade: null, Connection: "close" } });
}

const lateHead: Way = async () => {
  const { config } = readDefaults();
  const collector = collectLog();
  const log = createLog({ format: "json", level: "debug", destination: collector, colour: false });
  const { report } = createReporting({ log, clock: systemClock }, "all", () => {});
  const ports = { clock: systemClock, machine: systemMachine, random: Math.random, log, tracing: { tracer: noTracer } };
  const { handlers } = createDataPlane({ ...ports, config, instance: "test", report, tallies: createFlowTallies });
  const listener = await startHttpListener(LOOPBACK, { ...HTTP_DEFAULTS, headMs: 200 }, handlers, {
    log,
    doorkeeper: openDoor(),
  });
  onTestFinished(() => {
    listener.stopAccepting();
    listener.cut();
  });
  const client = await connectRaw(listener.address.port);
  onTestFinished(() => void client.socket.destroy());
  await client.send(secretRequest("/never-whole").slice(0, -2));
  return await refusal(collector);
};

const LOOPBACK = { host: "127.0.0.1", port: 0 };

function readDefaults(): Extract<ReturnType<typeof readConfig>, { readonly ok: true }> {
  const read = readConfig({}, false);
  if (!read.ok) throw new Error(read.errors.join("\n"));
  return read;
}

const misdirected: Way = async () => {
  const app = await openHouse();
  const socket = connectTls({
    port: app.ports.https,
    host: "127.0.0.1",
    servername: "tls.example",
    rejectUnauthorized: false,
  });
  onTestFinished(() => void socket.destroy());
  const client = wrapSocket(socket);
  await once(socket, "secureConnect");
  await client.send(secretRequest("/silent", { change: { Host: "other.example" } }));
  await client.until("HTTP/1.1 421 ");
  return await refusal(app.log);
};

const draining: Way = async () => {
  const app = await openHouse();
  const client = await dial(app);
  const bytes = secretRequest("/silent");
  await client.send(bytes.slice(0, -2));
  // Another request behind shows that this half has been read.
  await (await fetch(`http://127.0.0.1:${app.ports.http}/before`, { headers: { connection: "close" } })).text();
  const drained = app.drain();
  await app.log.lineWhere(({ msg }) => msg === "draining: stopped accepting, saying goodbye");
  await client.send(bytes.slice(-2));
  await client.until("HTTP/1.1 503 ");
  client.reset();
  await drained;
  return await app.log.lineWhere(({ status }) => status === 503);
};

const clientGone: Way = async () => {
  const app = await openHouse();
  const client = await dial(app);
  await client.send(secretRequest("/slow"));
  await expect.poll(async () => (await health(app)).handshaking, { timeout: 15_000 }).toBe(1);
  client.reset();
  return await refusal(app.log);
};

async function health({ ports }: RunningApp): Promise<{ readonly handshaking: number }> {
  const page = await (await fetch(`http://127.0.0.1:${ports.admin}/healthz`)).json();
  return (page as { readonly connections: { readonly handshaking: number } }).connections;
}

const tooFast: Way = async () => {
  const app = await openHouse({ maxHandshakesPerSecond: "1" });
  const limited = app.log.lineWhere(({ failure }) => failure === "TooManyHandshakes", 15_000);
  // Two seconds' worth may come at once.
  for (let sent = 0; sent < 1_000 && !app.log.text().includes("TooManyHandshakes"); sent += 1) {
    const client = await dial(app);
    await client.send(secretRequest("/missing"));
    await client.ended;
    client.end();
  }
  return await limited;
};

const tooManyWait: Way = async () => {
  const app = await openHouse({ maxPendingRequests: "2" });
  const client = await dial(app);
  await client.send(secretRequest("/slow"));
  await expect.poll(async () => (await health(app)).handshaking, { timeout: 15_000 }).toBe(1);
  return await ask(app, secretRequest("/slow"));
};

const shortOfMemory: Way = async () => {
  let usedBytes = 10;
  const app = await openHouse({}, { ...systemMachine, heap: () => ({ usedBytes, limitBytes: 100 }) });
  usedBytes = 86;
  await app.log.lineWhere(({ msg }) => String(msg).startsWith("short of memory"), 15_000);
  return await ask(app, secretRequest("/silent"));
};

const full: Way = async () => {
  await using house = await openHandshakeHouse(() => {}, {}, { limit: 0 });
  const client = await house.dial();
  await client.send(secretRequest("/"));
  await client.ended;
  return await house.proxy.report(0);
};

/** A gate with a defect: what it throws knows the request, as errors of Node's own do. */
const BROKEN: AnyPolicy = {
  name: "allowedOrigins",
  parse: () => ({ ok: true, config: {} }),
  gate: () => (facts) => {
    void new URL(facts.query, facts.headers.get("cookie")?.[0]);
    return { allowed: true };
  },
};

const crash: Way = async () => {
  const forward = { policies: new Map([["allowedOrigins", {}]]) };
  const settings = { debugResponses: true };
  await using house = await openHandshakeHouse(() => {}, forward, { policies: [BROKEN], settings });
  const client = await house.dial();
  await client.send(secretRequest("/"));
  await client.ended;
  expect(client.text()).not.toContain(SENTINEL);
  return await house.proxy.report(0);
};

/** Every failure, by a way that leads to it. Where a connection is refused before a byte of it is read there is none. */
export const WAYS: Readonly<Record<FailureName, Way | null>> = {
  BadRequest: refused("/silent", { change: { "Sec-WebSocket-Key": null } }),
  ForbiddenOrigin: refused("/guarded", { more: [["Origin", "https://evil.example"]] }),
  NoRoute: refused("/nowhere"),
  MethodNotAllowed: refused("/silent", { method: "PUT" }),
  RequestTimeout: lateHead,
  UriTooLong: refused(`/pattern/${"a".repeat(5_000)}`),
  ExpectationFailed: refused("/silent", { more: [["Expect", "100-continue"]] }),
  MisdirectedRequest: misdirected,
  UpgradeRequired: refusedPlain("/upgrade-only"),
  UnsupportedVersion: refused("/silent", { change: { "Sec-WebSocket-Version": "8" } }),
  HeaderFieldsTooLarge: refused("/silent", { more: [["X-Large", sentinel("large").repeat(2_000)]] }),
  RedirectToHttps: refused("/", { change: { Host: "tls.example" } }),
  RouteRefused: refused("/missing"),
  NoReadyEndpoint: refused("/empty"),
  ConnectFailed: refused("/dead"),
  BackendTlsFailed: refused("/no-tls"),
  BackendReset: refused("/resets"),
  InvalidBackendAnswer: refused("/wrong"),
  ConnectTimeout: refused("/silent-tls"),
  HandshakeTimeout: refused("/silent"),
  Draining: draining,
  TooManyConnections: full,
  TooManyHandshakes: tooFast,
  TooManyPending: tooManyWait,
  OutOfMemory: shortOfMemory,
  TooManyFromClient: null,
  TooManySockets: null,
  TooManyTlsHandshakes: null,
  ClientGone: clientGone,
  Internal: crash,
};
