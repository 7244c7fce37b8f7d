import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { EchoListenError, type EchoServer, startEchoServer } from "../../src/cli/echo-server.ts";

async function start(name = "echo-a"): Promise<EchoServer> {
  const server = await startEchoServer({ name, host: "127.0.0.1", port: 0 });
  onTestFinished(async () => await server.close());
  return server;
}

async function open(server: EchoServer, path = "/echo", protocols: string[] = [], headers = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, protocols, { headers });
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  return socket;
}

async function ask(server: EchoServer, method: string, headers: Record<string, string | string[]>, body = "") {
  const sent = request({ port: server.port, host: "127.0.0.1", path: "/a/b?c=d", method, headers });
  sent.end(body);
  const [response] = await once(sent, "response");
  return { response, body: JSON.parse(await text(response)) };
}

test("text comes back as text and bytes as bytes, in order", async () => {
  const socket = await open(await start());
  const received: [string, boolean][] = [];
  const done = Promise.withResolvers<void>();
  socket.on("message", (data: Buffer, isBinary) => {
    received.push([data.toString("hex"), isBinary]);
    if (received.length === 3) done.resolve();
  });
  socket.send("a");
  socket.send(Buffer.of(0, 255));
  socket.send("");
  await done.promise;
  expect(received).toEqual([
    ["61", false],
    ["00ff", true],
    ["", false],
  ]);
});

test("the handshake is answered with the server's name and the first subprotocol offered", async () => {
  const server = await start("echo-b");
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`, ["chat.v2", "chat.v1"]);
  onTestFinished(() => socket.terminate());
  const opened = once(socket, "open");
  const [response] = await once(socket, "upgrade");
  expect(response.headers["x-served-by"]).toBe("echo-b");
  await opened;
  expect(socket.protocol).toBe("chat.v2");
});

test("with ?hello a client is first told what its handshake looked like", async () => {
  const server = await start();
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/echo?hello`, {
    headers: { "x-tenant": "acme", cookie: "SENTINEL" },
  });
  onTestFinished(() => socket.terminate());
  const [data] = await once(socket, "message");
  expect(JSON.parse(String(data))).toMatchObject({
    servedBy: "echo-a",
    method: "GET",
    path: "/echo?hello",
    headers: { "x-tenant": "acme" },
  });
  expect(String(data)).not.toContain("SENTINEL");
});

test("a plain request is answered with what was received, credentials left out", async () => {
  const server = await start();
  const { response, body } = await ask(
    server,
    "POST",
    {
      "x-tenant": ["a", "b"],
      authorization: "Bearer SENTINEL",
      cookie: "id=SENTINEL",
      "x-api-key": "SENTINEL",
      "sec-websocket-protocol": "key.SENTINEL",
      constructor: "c",
    },
    "hello",
  );
  expect([response.statusCode, response.headers["x-served-by"], response.headers["content-type"]]).toEqual([
    200,
    "echo-a",
    "application/json",
  ]);
  expect(body).toMatchObject({ servedBy: "echo-a", method: "POST", path: "/a/b?c=d", bodyBytes: 5 });
  expect(body.headers).toMatchObject({ "x-tenant": "a, b", constructor: "c" });
  expect(JSON.stringify(body)).not.toContain("SENTINEL");
});

// With --disable-proto=throw this header would end any Node process that serves HTTP.
test("a header named __proto__ is told like any other", async () => {
  const server = await start();
  const socket = connect(server.port, "127.0.0.1");
  socket.end("GET / HTTP/1.1\r\nHost: a\r\n__proto__: x\r\nConnection: close\r\n\r\n");
  const answer = await text(socket);
  expect(answer).toContain('"__proto__": "x"');
});

test("a HEAD request gets no body", async () => {
  const server = await start();
  const sent = request({ port: server.port, host: "127.0.0.1", method: "HEAD" });
  sent.end();
  const [response] = await once(sent, "response");
  expect(await text(response)).toBe("");
  expect(Number(response.headers["content-length"])).toBeGreaterThan(0);
});

test("a client that sends much and reads late still gets everything", async () => {
  const server = await start();
  const socket = await open(server);
  socket.pause();
  const messages = 64;
  const size = 256 * 1024;
  for (let index = 0; index < messages; index += 1) socket.send(Buffer.alloc(size, index));
  const sizes: number[] = [];
  const done = Promise.withResolvers<void>();
  socket.on("message", (data: Buffer) => {
    sizes.push(data[0] === sizes.length ? data.length : -1);
    if (sizes.length === messages) done.resolve();
  });
  socket.resume();
  await done.promise;
  expect(sizes).toEqual(Array.from({ length: messages }, () => size));
});

test("garbage for a frame ends that client and nobody else", async () => {
  const server = await start();
  const good = await open(server);
  const bad = await open(server);
  (bad as unknown as { _socket: { write: (bytes: Buffer) => void } })._socket.write(Buffer.alloc(64, 0xff));
  await once(bad, "close");
  good.send("still here");
  const [data] = await once(good, "message");
  expect(String(data)).toBe("still here");
});

test("close says 1001 to every client and frees the port", async () => {
  const server = await startEchoServer({ name: "echo-a", host: "127.0.0.1", port: 0 });
  const socket = await open(server);
  const closed = once(socket, "close");
  await Promise.all([server.close(), server.close()]);
  await server.close();
  const [code, reason] = await closed;
  expect([code, String(reason)]).toEqual([1001, "server shutting down"]);
  const again = await startEchoServer({ name: "echo-a", host: "127.0.0.1", port: server.port });
  await again.close();
});

test("close does not wait for a client that never answers", async () => {
  const server = await startEchoServer({ name: "echo-a", host: "127.0.0.1", port: 0 });
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await once(socket, "data");
  const ended = once(socket, "close");
  await server.close();
  await ended;
  expect(socket.destroyed).toBe(true);
});

test("a port in use is an error that says so", async () => {
  const server = await start();
  const second = startEchoServer({ name: "echo-b", host: "127.0.0.1", port: server.port });
  await expect(second).rejects.toThrow(
    new EchoListenError(
      "AddressInUse",
      `the echo server echo-b cannot listen on 127.0.0.1:${server.port}: the port is in use by another process`,
    ),
  );
});
