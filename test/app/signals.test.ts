import { once } from "node:events";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import { createManifestDirectory } from "../files/manifest-directory.ts";
import type { LogLine } from "../harness/log-collector.ts";
import { type Manifest, manifestText, route, rule, service, tlsSecret } from "../harness/manifests.ts";
import { listenRaw, type RawBackend } from "../harness/raw-backend.ts";
import { connectRaw, wrapSocket } from "../harness/raw-client.ts";
import { type CliServer, serveByCli } from "../harness/start-cli.ts";
import { readHead, switchingTo } from "../harness/websocket-backend.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { openWs } from "../harness/ws-client.ts";

const HANDSHAKE =
  "GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

async function serve(
  backendPort: number,
  window: string,
  flags: readonly string[],
  more: readonly Manifest[] = [],
): Promise<CliServer> {
  const directory = await createManifestDirectory();
  const objects = [service("echo", [backendPort]), route("echo", [rule("all", "/", ["echo"], { drain: { window } })])];
  await directory.write({ "all.json": manifestText(...objects, ...more) });
  return await serveByCli(directory.root, flags);
}

const stillAccepting = (line: LogLine): boolean => line["msg"] === "draining: not ready, still accepting";
const sayingGoodbye = (line: LogLine): boolean => line["msg"] === "draining: stopped accepting, saying goodbye";

it("SIGINT drains as SIGTERM does, and a second signal exits at once with what is left cut off", async () => {
  const backend = await startWsBackend();
  const server = await serve(backend.port, "30s", ["--propagation-delay", "0s", "--grace-period", "60s"]);
  const clients = [];
  for (let index = 0; index < 20; index += 1) clients.push(await openWs(`ws://127.0.0.1:${server.ports.http}/`));
  server.signal("SIGINT");
  await server.out.lineWhere(sayingGoodbye);
  // Drained, not cut: the first to go is told why.
  expect(await Promise.race(clients.map(({ closed }) => closed))).toMatchObject({
    code: 1012,
    reason: "service restart",
  });
  expect(clients.filter(({ isOpen }) => isOpen()).length).toBeGreaterThan(10);
  const secondMs = Date.now();
  server.signal("SIGTERM");
  const end = await server.exited;
  expect(end.code).toBe(1);
  expect(end.atMs - secondMs).toBeLessThan(10_000);
  const codes = (await Promise.all(clients.map(({ closed }) => closed))).map(({ code }) => code);
  expect(codes).toContain(1006);
  const causes = server.out.reports().map(({ cause }) => String(cause));
  expect(causes).toHaveLength(20);
  expect(new Set(causes)).toEqual(new Set(["drain", "shutdown"]));
});

it("SIGHUP, which asks other servers to reload, closes nothing and is answered in the log", async () => {
  const server = await serve((await startWsBackend()).port, "0s", ["--propagation-delay", "0s"]);
  const client = await openWs(`ws://127.0.0.1:${server.ports.http}/`);
  server.signal("SIGHUP");
  await server.out.lineWhere((line) => String(line["msg"]).startsWith("SIGHUP: there is nothing to reload"));
  client.socket.send("still here");
  expect(String((await client.next()).data)).toBe("still here");
  server.signal("SIGTERM");
  expect((await client.closed).code).toBe(1012);
  expect((await server.exited).code).toBe(0);
});

it("A process without connections is gone as soon as it stopped accepting", async () => {
  const server = await serve((await startWsBackend()).port, "30s", [
    "--propagation-delay",
    "0s",
    "--grace-period",
    "60s",
  ]);
  const startMs = Date.now();
  server.signal("SIGTERM");
  const end = await server.exited;
  expect([end.code, server.errors(), server.out.reports()]).toEqual([0, "", []]);
  expect(end.atMs - startMs).toBeLessThan(10_000);
});

async function slowBackend(): Promise<RawBackend> {
  const backend = await listenRaw();
  onTestFinished(backend.close);
  return backend;
}

it("A handshake in flight when accepting stops gets its 101 and, directly behind it, its Close", async () => {
  const backend = await slowBackend();
  const server = await serve(backend.port, "30s", ["--propagation-delay", "0s", "--grace-period", "60s"]);
  const client = await connectRaw(server.ports.http);
  await client.send(HANDSHAKE);
  const connection = await backend.connection(0);
  const head = await readHead(connection);
  server.signal("SIGTERM");
  await server.out.lineWhere(sayingGoodbye);
  await connection.send(switchingTo(head));
  const words = Buffer.from("service restart");
  const close = Buffer.from([0x88, words.length + 2, 0x03, 0xf4, ...words]);
  const bytes = await client.until((received) => received.includes(close));
  expect(bytes.toString("latin1")).toMatch(/^HTTP\/1\.1 101 /);
  expect(bytes.indexOf(close)).toBe(bytes.indexOf("\r\n\r\n") + 4);
  expect(bytes.length).toBe(bytes.indexOf(close) + close.length);
  // The client answers with the same code and leaves; the backend hears 1001, masked.
  await client.send(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xf4]));
  await connection.until((received) => received.length >= head.length + 8);
  const frame = connection.received().subarray(head.length);
  expect([frame[0], (frame[1] ?? 0) & 0x80]).toEqual([0x88, 0x80]);
  const unmasked = [0, 1].map((at) => (frame[6 + at] ?? 0) ^ (frame[2 + at] ?? 0));
  expect(Buffer.from(unmasked).readUInt16BE()).toBe(1001);
  await connection.send(Buffer.from([0x88, 0x02, 0x03, 0xe9]));
  connection.end();
  expect(await client.ended).toBe("fin");
  client.end();
  expect((await server.exited).code).toBe(0);
  expect(server.out.reports()).toMatchObject([{ outcome: "relayed", cause: "drain", by: "proxy", clean: true }]);
});

it("A handshake in flight whose backend stays silent is answered 504, and the process waits for that", async () => {
  const backend = await slowBackend();
  const directory = await createManifestDirectory();
  const timeouts = { handshake: "1s" };
  const objects = [service("echo", [backend.port]), route("echo", [rule("all", "/", ["echo"], { timeouts })])];
  await directory.write({ "all.json": manifestText(...objects) });
  const server = await serveByCli(directory.root, ["--propagation-delay", "0s", "--grace-period", "30s"]);
  const client = await connectRaw(server.ports.http);
  await client.send(HANDSHAKE);
  await readHead(await backend.connection(0));
  server.signal("SIGTERM");
  expect((await client.until("\r\n\r\n")).toString("latin1")).toMatch(/^HTTP\/1\.1 504 /);
  client.end();
  expect((await server.exited).code).toBe(0);
  expect(server.out.reports()).toMatchObject([{ outcome: "refused", status: 504, failure: "HandshakeTimeout" }]);
});

it("Kept-alive connections hear Connection: close once draining, and what arrives behind the stop gets 503", async () => {
  const pair = await makeSelfSigned(["localhost"]);
  const holding = Promise.withResolvers<() => void>();
  const backend = await startWsBackend({
    plain: (asked, response) => {
      asked.resume();
      if (asked.url === "/slow") holding.resolve(() => response.end("late"));
      else response.end("at once");
    },
  });
  const flags = ["--propagation-delay", "3s", "--grace-period", "30s", "--default-certificate", "default/tls"];
  const server = await serve(backend.port, "0s", flags, [tlsSecret("tls", pair)]);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ask = async (path: string): Promise<{ connection: string | undefined; body: string }> => {
    const sent = request({ agent, host: "127.0.0.1", port: server.ports.http, path });
    sent.end();
    const [response] = await once(sent, "response");
    return { connection: response.headers.connection, body: await text(response) };
  };
  expect(await ask("/")).toEqual({ connection: "keep-alive", body: "at once" });
  const idle = await connectRaw(server.ports.http);
  await idle.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  await idle.until("at once");
  const arriving = await connectRaw(server.ports.https);
  const slow = ask("/slow");
  const release = await holding.promise;
  server.signal("SIGTERM");
  await server.out.lineWhere(stillAccepting);
  const pipelined = await connectRaw(server.ports.http);
  await pipelined.send("GET /late HTTP/1.1\r\nHost: a.example\r\n\r\n");
  expect((await pipelined.until("at once")).toString()).toMatch(/\r\nconnection: close\r\n/i);
  expect(await pipelined.ended).toBe("fin");
  await server.out.lineWhere(sayingGoodbye);
  // Idle connections are closed, the one with an unanswered request is not, and the process waits for it.
  expect(await idle.ended).toBe("fin");
  // This one was accepted before, and only now gets through its TLS handshake.
  const secured = wrapSocket(connectTls({ socket: arriving.socket, ca: pair.chain, servername: "localhost" }));
  await secured.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect((await secured.until("shutting down")).toString()).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: 1\r\n/s);
  release();
  expect(await slow).toEqual({ connection: "close", body: "late" });
  for (const raw of [idle, pipelined]) raw.end();
  expect((await server.exited).code).toBe(0);
  expect(server.out.reports().map(({ status }) => status)).toEqual([200, 200, 200, 503, 200]);
});
