import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import type { Machine } from "../../src/base/machine.ts";
import { systemMachine } from "../../src/base/system-machine.ts";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import type { FlagTexts } from "../../src/config/flags.ts";
import { requestBytes } from "../harness/incoming-request.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { listenRaw } from "../harness/raw-backend.ts";
import { connectRaw, type RawPeer } from "../harness/raw-client.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { fieldOf } from "../harness/websocket-backend.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { closeWs, openWs } from "../harness/ws-client.ts";

const UPGRADE = requestBytes({ change: { Host: "localhost" } });

type Given = { readonly flags?: FlagTexts; readonly machine?: Machine };

/** An app whose `/echo` echoes and whose `/silent` and `/other` never answer. */
async function openHouse({ flags = {}, machine }: Given): Promise<RunningApp> {
  const [echo, silent] = [await startWsBackend(), await listenRaw()];
  onTestFinished(silent.close);
  const pair = await makeSelfSigned(["localhost"]);
  return await startApp({
    flags,
    defaultPair: pair,
    ...(machine === undefined ? {} : { machine }),
    files: {
      "all.json": manifestText(
        service("echo", [echo.port]),
        service("silent", [silent.port]),
        route("echo", [rule("all", "/echo", ["echo"])]),
        route("silent", [rule("all", "/silent", ["silent"])]),
        route("other", [rule("all", "/other", ["silent"])]),
      ),
    },
  });
}

async function dial(port: number): Promise<RawPeer> {
  const peer = await connectRaw(port);
  onTestFinished(() => void peer.socket.destroy());
  return peer;
}

/** Resolves when a connection was closed at accept: by a reset, which may come before the client knows that it is connected. */
async function dialInVain(port: number): Promise<void> {
  const how = await dial(port).then(
    (peer) => peer.ended,
    (error: NodeJS.ErrnoException) => error.code,
  );
  expect(["reset", "ECONNRESET"]).toContain(how);
}

/** The answer to an upgrade request that Fairlead refuses. */
async function askUpgrade(port: number, path = "/echo"): Promise<string> {
  const peer = await dial(port);
  await peer.send(UPGRADE.replace("GET / ", `GET ${path} `));
  await peer.until("\r\n\r\n", 15_000);
  return peer.text();
}

async function metric(app: RunningApp, line: string): Promise<string | undefined> {
  const text = await (await fetch(`http://127.0.0.1:${app.ports.admin}/metrics`)).text();
  return text
    .split("\n")
    .find((each) => each.startsWith(`${line} `))
    ?.slice(line.length + 1);
}

async function expectRefusal(app: RunningApp, answer: string, failure: string): Promise<void> {
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(Number(fieldOf(answer, "Retry-After"))).toBeGreaterThanOrEqual(1);
  expect(fieldOf(answer, "Connection")).toBe("close");
  const report = await app.log.lineWhere((line) => line["failure"] === failure);
  expect(report).toMatchObject({ outcome: "refused", status: 503, id: fieldOf(answer, "X-Request-Id") });
  expect(await metric(app, `fairlead_requests_refused_total{failure="${failure}"}`)).toBe("1");
}

it("Beyond --max-connections a handshake is answered 503, what is open stays open, and there is room again after a close", async () => {
  const app = await openHouse({ flags: { maxConnections: "1" } });
  const url = `ws://localhost:${app.ports.http}/echo`;
  const first = await openWs(url);
  await expectRefusal(app, await askUpgrade(app.ports.http), "TooManyConnections");
  expect(await metric(app, 'fairlead_limit{resource="websockets"}')).toBe("1");
  expect(await metric(app, 'fairlead_limit_used{resource="websockets"}')).toBe("1");
  first.socket.send("still here");
  expect((await first.next()).data.toString()).toBe("still here");
  await closeWs(first, 1000);
  await app.log.lineWhere((line) => line["outcome"] === "relayed");
  const second = await openWs(url);
  await closeWs(second, 1000);
});

it("Beyond --max-handshakes-per-second a handshake is answered 503, and plain requests are served", async () => {
  const app = await openHouse({ flags: { maxHandshakesPerSecond: "1" } });
  const answers: string[] = [];
  // Two seconds' worth may come at once; however slow we are, of a thousand one is too many.
  while (answers.length < 1_000 && answers.at(-1)?.includes(" 503 ") !== true) {
    answers.push(await askUpgrade(app.ports.http));
  }
  await expectRefusal(app, answers.at(-1) ?? "", "TooManyHandshakes");
  expect((await fetch(`http://localhost:${app.ports.http}/echo`)).status).toBe(200);
});

it("One route may have half of --max-pending-requests: the next is answered 503, and other routes are served", async () => {
  const app = await openHouse({ flags: { maxPendingRequests: "4" } });
  const waiting = await Promise.all([dial(app.ports.http), dial(app.ports.http)]);
  await waiting[0]?.send(UPGRADE.replace("GET / ", "GET /silent "));
  await waiting[1]?.send("GET /silent HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await expect
    .poll(() => metric(app, 'fairlead_limit_used{resource="pending_requests"}'), { timeout: 15_000 })
    .toBe("2");
  await expectRefusal(app, await askUpgrade(app.ports.http, "/silent"), "TooManyPending");
  await closeWs(await openWs(`ws://localhost:${app.ports.http}/echo`), 1000);
  for (const peer of waiting) peer.reset();
  await expect
    .poll(() => metric(app, 'fairlead_limit_used{resource="pending_requests"}'), { timeout: 15_000 })
    .toBe("0");
});

it("Beyond --max-connections-per-client a connection is closed at accept, reported and counted, unless the peer is trusted", async () => {
  const app = await openHouse({ flags: { maxConnectionsPerClient: "1" } });
  const first = await dial(app.ports.http);
  await dialInVain(app.ports.http);
  const report = await app.log.lineWhere((line) => line["failure"] === "TooManyFromClient");
  expect(report).toMatchObject({ outcome: "refused", status: 0, peerAddress: "127.0.0.1" });
  expect(await metric(app, 'fairlead_requests_refused_total{failure="TooManyFromClient"}')).toBe("1");
  first.reset();
  await expect.poll(() => metric(app, 'fairlead_limit_used{resource="connections"}'), { timeout: 15_000 }).toBe("0");
  // A WebSocket is a connection for all of its life, though it goes on in another socket after its 101.
  const open = await openWs(`ws://127.0.0.1:${app.ports.http}/echo`, [], { headers: { host: "localhost" } });
  await dialInVain(app.ports.http);
  await closeWs(open, 1000);

  const trusting = await openHouse({ flags: { maxConnectionsPerClient: "1", trustedProxies: ["127.0.0.1"] } });
  const peers = await Promise.all([dial(trusting.ports.http), dial(trusting.ports.http)]);
  for (const peer of peers) {
    await peer.send("GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await peer.until("200 OK", 15_000);
  }
});

it("Beyond --max-tls-handshakes a connection is closed at accept, and one whose handshake is done counts no more", async () => {
  const app = await openHouse({ flags: { maxTlsHandshakes: "1" } });
  const done = connectTls({ port: app.ports.https, host: "127.0.0.1", rejectUnauthorized: false });
  onTestFinished(() => void done.destroy());
  await once(done, "secureConnect");
  await expect.poll(() => metric(app, 'fairlead_limit_used{resource="tls_handshakes"}'), { timeout: 15_000 }).toBe("0");
  await dial(app.ports.https);
  await dialInVain(app.ports.https);
  await app.log.lineWhere((line) => line["failure"] === "TooManyTlsHandshakes" && line["secure"] === true);
  const plain = await dial(app.ports.http);
  await plain.send("GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await plain.until("200 OK", 15_000);
});

it("Short of memory it refuses handshakes, nearly out of it says 1013 to open WebSockets, tells both, and recovers", async () => {
  let usedBytes = 10;
  const machine = { ...systemMachine, heap: () => ({ usedBytes, limitBytes: 100 }) };
  const app = await openHouse({ machine });
  const health = async (): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${app.ports.admin}/healthz`);
    expect(response.status).toBe(200);
    return await response.json();
  };
  const open = await openWs(`ws://localhost:${app.ports.http}/echo`);
  usedBytes = 86;
  await app.log.lineWhere((line) => line["level"] === "warn" && String(line["msg"]).startsWith("short of memory"));
  await expectRefusal(app, await askUpgrade(app.ports.http), "OutOfMemory");
  expect(await health()).toMatchObject({ memory: { level: "refusing" } });
  expect(await metric(app, 'fairlead_memory_pressure{state="refusing"}')).toBe("1");
  expect((await fetch(`http://localhost:${app.ports.http}/echo`)).status).toBe(200);
  expect(open.isOpen()).toBe(true);
  usedBytes = 96;
  expect(await open.closed).toMatchObject({ code: 1013, reason: "try again later" });
  await app.log.lineWhere((line) => line["outcome"] === "relayed" && line["cause"] === "shed");
  expect((await fetch(`http://localhost:${app.ports.http}/echo`)).status).toBe(503);
  usedBytes = 10;
  await app.log.lineWhere((line) => line["msg"] === "there is enough memory again");
  await closeWs(await openWs(`ws://localhost:${app.ports.http}/echo`), 1000);
});

it("A --max-connections that the descriptors do not allow is told at the start", async () => {
  const app = await openHouse({ flags: { maxConnections: "1000000" } });
  const told = await app.log.lineWhere((line) => String(line["msg"]).startsWith("--max-connections 1000000"));
  expect(told["msg"]).toMatch(/raise its limit/);
});
