import { createHash, randomBytes } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import type { EndpointSlice } from "../../src/api/core.ts";
import type { Clock } from "../../src/base/ports.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { makeSelfSigned, type PemPair } from "../../src/cli/self-signed.ts";
import { ingress, manifestText, route, rule, service, slice, tlsSecret } from "../harness/manifests.ts";
import { fingerprintOf, shownCertificate } from "../harness/shown-certificate.ts";
import { isSwap, type RunningApp, startApp } from "../harness/start-app.ts";
import { startWsBackend, type WsBackend } from "../harness/ws-backend.ts";
import { closeWs, openWs, type WsClient } from "../harness/ws-client.ts";

const SWAPS = 500;
const SOCKETS = 500;
const SPEED = 10;

/** The machine's time, but faster: what waits for quiet among files waits a tenth. */
const FAST: Clock = {
  wallMs: systemClock.wallMs,
  monotonicMs: () => systemClock.monotonicMs() * SPEED,
  after: (ms, callback) => systemClock.after(ms / SPEED, callback),
};

/** All sockets close at once at the end, in one process with their backends: by the fast clock, the default is half a second. */
const PATIENT = { timeouts: { close: "5m" } };

/** A message that knows its place in the stream and its own checksum. */
function numbered(index: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(index);
  const body = Buffer.concat([head, randomBytes(64)]);
  return Buffer.concat([createHash("md5").update(body).digest(), body]);
}

function numberOf(message: Buffer): number {
  const body = message.subarray(16);
  const whole = createHash("md5").update(body).digest().equals(message.subarray(0, 16));
  return whole ? body.readUInt32BE() : -1;
}

/** Sends one message more each time its echo arrives, until it is told to stop. */
class Talker {
  readonly client: WsClient;
  readonly wrong: number[] = [];
  sent = 0;
  heard = 0;
  readonly #pauseMs: number;
  #stopping: (() => void) | null = null;

  constructor(client: WsClient, pauseMs: number) {
    this.client = client;
    this.#pauseMs = pauseMs;
    client.socket.on("message", (data: Buffer) => {
      if (numberOf(data) !== this.heard) this.wrong.push(this.heard);
      this.heard += 1;
      if (this.#stopping !== null) this.#stopping();
      else setTimeout(() => this.say(), this.#pauseMs);
    });
    this.say();
  }

  say(): void {
    if (this.#stopping !== null) return;
    this.client.socket.send(numbered(this.sent));
    this.sent += 1;
  }

  /** Resolves when everything that was sent has come back. */
  async stop(): Promise<void> {
    const done = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.heard >= this.sent) done.resolve();
    };
    this.#stopping = look;
    look();
    await done.promise;
  }
}

type Stage = { readonly app: RunningApp; readonly backends: readonly WsBackend[]; readonly pairs: readonly PemPair[] };

/** What the directory holds besides; each turn writes one of these files in another way. */
const CHANGES: readonly ((stage: Stage, turn: number) => readonly [path: string, text: string])[] = [
  // A route that has sockets gets another path, another backend and other timeouts.
  (_, turn) => {
    const prefix = turn % 2 === 0 ? "/live" : "/elsewhere";
    const changed = rule("live", prefix, [turn % 3 === 0 ? "left" : "right"], { timeouts: { idle: `${turn}s` } });
    return ["live.json", manifestText(route("live", [changed]))];
  },
  // A route that nobody uses comes and goes.
  (_, turn) => [
    "other.json",
    turn % 2 === 0 ? manifestText() : manifestText(route("other", [rule(`r${turn}`, `/o${turn}`, ["left"])])),
  ],
  // The endpoints of a Service with sockets are exchanged.
  ({ backends }, turn) => {
    const [left, right] = backends.map(({ port }) => port);
    return ["services.json", manifestText(...services(turn % 2 === 0 ? [left ?? 0] : [right ?? 0, left ?? 0]))];
  },
  // By EndpointSlice: to terminating, to none, to another endpoint and back.
  ({ backends }, turn) => {
    const [left, right] = backends.map(({ port }) => port);
    const terminating = { ready: false, serving: true, terminating: true };
    const states = [
      slice("sliced", left ?? 0, [{ addresses: ["127.0.0.1"], conditions: terminating }]),
      slice("sliced", left ?? 0, []),
      slice("sliced", right ?? 0, [{ addresses: ["127.0.0.1"] }]),
      slice("sliced", left ?? 0, [{ addresses: ["127.0.0.1"] }]),
    ];
    return ["slices.json", manifestText(states[Math.floor(turn / CHANGES.length) % states.length] as EndpointSlice)];
  },
  // The certificate of a host with sockets is rotated.
  ({ pairs }, turn) => ["tls.json", manifestText(tlsSecret("tls", pairs[turn % pairs.length] as PemPair))],
];

function services(ports: readonly number[]) {
  return [service("left", ports), service("right", ports), service("sliced", null)];
}

async function build(): Promise<Stage> {
  const backends = [await startWsBackend(), await startWsBackend()];
  const ports = backends.map(({ port }) => port);
  const pairs = await Promise.all([1, 2, 3].map(async () => await makeSelfSigned(["secure.example"])));
  const files = {
    "services.json": manifestText(...services(ports)),
    "slices.json": manifestText(slice("sliced", ports[0] ?? 0, [{ addresses: ["127.0.0.1"] }])),
    "live.json": manifestText(route("live", [rule("live", "/live", ["left"], PATIENT)])),
    "steady.json": manifestText(
      route("steady", [
        rule("sliced", "/sliced", ["sliced"], PATIENT),
        rule("steady", "/steady", ["left", "right"], PATIENT),
      ]),
    ),
    "tls.json": manifestText(tlsSecret("tls", pairs[0] as PemPair)),
    "secure.json": manifestText(
      ingress("secure", "secure.example", "left", {
        tls: { tls: ["secure.example"] },
        annotations: { "fairlead.dev/close-timeout": PATIENT.timeouts.close },
      }),
    ),
  };
  return { app: await startApp({ files, clock: FAST }), backends, pairs };
}

async function openAll({ app, pairs }: Stage): Promise<readonly Talker[]> {
  const talkers: Talker[] = [];
  onTestFinished(() => {
    for (const { client } of talkers) client.socket.terminate();
  });
  const tls = {
    headers: { host: "secure.example" },
    ca: pairs[0]?.chain ?? "",
    servername: "secure.example",
  };
  while (talkers.length < SOCKETS) {
    const batch = Array.from({ length: 50 }, (_, index) => {
      const path = ["/live", "/steady", "/sliced"][index % 3];
      if (index % 5 === 4) return openWs(`wss://127.0.0.1:${app.ports.https}/tls`, [], tls);
      return openWs(`ws://127.0.0.1:${app.ports.http}${path}`);
    });
    for (const client of await Promise.all(batch))
      talkers.push(new Talker(client, talkers.length % 10 === 0 ? 100 : 1_000));
  }
  return talkers;
}

it(`${SWAPS} swaps of tables under ${SOCKETS} live sockets close none, and no message is lost, changed or reordered`, async () => {
  const stage = await build();
  const { app } = stage;
  const talkers = await openAll(stage);
  const before = app.log.lines().filter(isSwap).length;
  for (let turn = 1; turn <= SWAPS; turn += 1) {
    const [path, text] = (CHANGES[turn % CHANGES.length] as (typeof CHANGES)[number])(stage, turn);
    await app.swap(async () => await app.directory.saveByRename(path, text));
  }
  const swaps = app.log.lines().filter(isSwap);
  expect(swaps.length - before).toBeGreaterThanOrEqual(SWAPS);
  const last = swaps.at(-1);
  for (const table of ["routing", "endpoints", "certificates"]) expect(last?.[table]).toBeGreaterThan(SWAPS / 6);

  await Promise.all(talkers.map(async (talker) => await talker.stop()));
  expect(talkers.filter(({ client }) => !client.isOpen())).toEqual([]);
  expect(talkers.flatMap(({ wrong, client }) => [...wrong, ...client.errors])).toEqual([]);
  expect(Math.min(...talkers.map(({ heard }) => heard))).toBeGreaterThan(2);
  expect(app.log.reports()).toEqual([]);

  // And what is written last is in force for those who come now.
  const [left, right] = stage.backends.map((backend) => ({ backend, before: backend.total() }));
  const moved = manifestText(route("live", [rule("live", "/moved", ["sliced"])]));
  await app.swap(async () => await app.directory.saveByRename("live.json", moved));
  const toRight = slice("sliced", right?.backend.port ?? 0, [{ addresses: ["127.0.0.1"] }]);
  await app.swap(async () => await app.directory.saveByRename("slices.json", manifestText(toRight)));
  await closeWs(await openWs(`ws://127.0.0.1:${app.ports.http}/moved`), 1000);
  expect([left, right].map((each) => (each?.backend.total() ?? 0) - (each?.before ?? 0))).toEqual([0, 1]);
  await expect(openWs(`ws://127.0.0.1:${app.ports.http}/live`)).rejects.toThrow("404");
  const rotated = [...Array(SWAPS + 1).keys()].findLast((turn) => turn % CHANGES.length === 4) ?? 0;
  const pair = stage.pairs[rotated % stage.pairs.length] as PemPair;
  expect(await shownCertificate(app.ports.https, "secure.example")).toBe(fingerprintOf(pair));
  await Promise.all(talkers.map(async ({ client }) => await closeWs(client, 1000)));
  const reports = await app.log.linesWhere((line) => line["outcome"] === "relayed", SOCKETS + 1);
  expect(reports.filter(({ cause, clean }) => cause !== "client" || clean !== true)).toEqual([]);
}, 120_000);
