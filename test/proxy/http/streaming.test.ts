import { createHash, randomBytes } from "node:crypto";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { finish } from "../../../src/base/work.ts";
import { createBackendAgents } from "../../../src/proxy/http/backend-agents.ts";
import { listenRaw } from "../../harness/raw-backend.ts";
import { answering, backendFor, serveForwarder } from "./serve-forwarder.ts";

const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
const MEGABYTE = 1024 * 1024;

describe("streaming", () => {
  it("passes an event on before the answer ends", async () => {
    const backend = await answering(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n",
    );
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await client.until("data: 1\n\n");
    await (await backend.connection(0)).send("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    await client.until("data: 2\n\n\r\n0\r\n\r\n");
    expect(await serving.report(0)).toMatchObject({ outcome: "answered", complete: true });
  });

  it("passes a response head on before there is a body", async () => {
    const backend = await answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    const head = await client.until("\r\n\r\n");
    expect(head.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(serving.reports).toEqual([]);
  });

  it("passes each piece of an upload on while the client still sends", async () => {
    const backend = await backendFor(async (connection) => {
      await connection.until("first");
      await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nseen\r\n");
      await connection.until("second\r\n0\r\n\r\n");
      await connection.send("0\r\n\r\n");
    });
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    await client.until("4\r\nseen\r\n");
    await client.send("6\r\nsecond\r\n0\r\n\r\n");
    await client.until("\r\n0\r\n\r\n");
    expect(await serving.report(0)).toMatchObject({ outcome: "answered", complete: true });
  });

  it("carries large bodies both ways without a change", async () => {
    const server = createServer((request, response) => {
      const hash = createHash("sha256");
      request.on("data", (chunk: Buffer) => hash.update(chunk));
      request.on("end", () => {
        const body = randomBytes(8 * MEGABYTE);
        const digest = createHash("sha256").update(body).digest("hex");
        response.writeHead(200, { "X-Received": hash.digest("hex"), "X-Sent": digest });
        response.end(body);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const serving = await serveForwarder([(server.address() as AddressInfo).port]);
    const upload = randomBytes(8 * MEGABYTE);
    const answer = await new Promise<{ sent: unknown; received: unknown; digest: string }>((resolve, reject) => {
      const outgoing = httpRequest({ port: serving.port, method: "PUT", host: "127.0.0.1" }, (incoming) => {
        const hash = createHash("sha256");
        incoming.on("data", (chunk: Buffer) => hash.update(chunk));
        incoming.on("end", () =>
          resolve({
            received: incoming.headers["x-received"],
            sent: incoming.headers["x-sent"],
            digest: hash.digest("hex"),
          }),
        );
      });
      outgoing.on("error", reject);
      outgoing.end(upload);
    });
    expect(answer.received).toBe(createHash("sha256").update(upload).digest("hex"));
    expect(answer.digest).toBe(answer.sent);
  });

  it("stops reading the backend when the client does not read, and gives up on a client that goes on so", async () => {
    const chunk = Buffer.alloc(MEGABYTE, 97);
    let taken = 0;
    const backend = await backendFor(async (connection) => {
      await connection.until("\r\n\r\n");
      await connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${200 * MEGABYTE}\r\n\r\n`);
      for (let count = 0; count < 200; count += 1) {
        await connection.send(chunk);
        taken += 1;
      }
    });
    const serving = await serveForwarder([backend.port], { settings: { stallMs: 300 } });
    const client = await serving.connect();
    client.socket.pause();
    await client.send(GET);
    expect(await serving.report(0)).toMatchObject({ outcome: "answered", complete: false });
    await backend.idle();
    expect(taken).toBeLessThan(50);
  });

  it("stops reading the client when the backend does not read, and answers 504 when it goes on so", async () => {
    const chunk = Buffer.alloc(MEGABYTE, 97);
    const backend = await backendFor((connection) => {
      connection.socket.pause();
    });
    const serving = await serveForwarder([backend.port], { settings: { stallMs: 300 } });
    const client = await serving.connect();
    await client.send(`POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${200 * MEGABYTE}\r\n\r\n`);
    let taken = 0;
    const upload = async (): Promise<void> => {
      for (let count = 0; count < 200 && serving.reports.length === 0; count += 1) {
        await client.send(chunk);
        taken += 1;
      }
    };
    const uploaded = upload();
    await client.until("HTTP/1.1 504 ");
    await uploaded;
    expect(taken).toBeLessThan(50);
    expect(serving.reports[0]).toMatchObject({ outcome: "refused", failure: "HandshakeTimeout" });
  });
});

describe("an end that comes too early", () => {
  it("of the client before the answer reaches the backend", async () => {
    const backend = await backendFor();
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await (await backend.connection(0)).until("\r\n\r\n");
    client.reset();
    await backend.idle();
    expect(await serving.report(0)).toMatchObject({ outcome: "refused", failure: "ClientGone", status: 0 });
  });

  it("of the client in the middle of its body reaches the backend", async () => {
    const backend = await backendFor();
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nhello");
    await (await backend.connection(0)).until("hello");
    client.reset();
    await backend.idle();
    expect(await serving.report(0)).toMatchObject({ failure: "ClientGone" });
  });

  it("of the client in the middle of the answer reaches the backend", async () => {
    const backend = await answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await client.until("ok");
    client.reset();
    await backend.idle();
    expect(await serving.report(0)).toMatchObject({ outcome: "answered", status: 200, complete: false });
  });

  it.each([
    ["chunked", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"],
    ["chunked, in the middle of a chunk", "Transfer-Encoding: chunked\r\n\r\n9\r\nhello"],
    ["of a known length", "Content-Length: 9\r\n\r\nhello"],
  ])("of an answer that is %s destroys the client's connection, after what there was", async (_name, rest) => {
    const backend = await backendFor(async (connection) => {
      await connection.until("\r\n\r\n");
      await connection.send(`HTTP/1.1 200 OK\r\n${rest}`);
      connection.end();
    });
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await client.ended;
    expect(client.text()).toContain("hello");
    expect(client.text()).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(await serving.report(0)).toMatchObject({ outcome: "answered", complete: false });
  });

  it("of an answer that only the connection's end would end is a reset, which no client takes for its end", async () => {
    const backend = await backendFor(async (connection) => {
      await connection.until("\r\n\r\n");
      await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
      connection.end();
    });
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n");
    expect(await client.ended).toBe("reset");
  });

  it("of the request, when the backend answers first, loses neither the answer nor the connection", async () => {
    const backend = await backendFor(async (connection) => {
      await connection.until("\r\n\r\n");
      await connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    });
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nhello");
    await client.until("\r\n\r\nno");
    await client.send("world");
    await client.send("OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n");
    await client.until("HTTP/1.1 200 OK");
    expect(serving.reports[0]).toMatchObject({ outcome: "answered", status: 413, complete: true });
  });

  it("of the request is cut after the linger time", async () => {
    const backend = await answering("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    const serving = await serveForwarder([backend.port], { settings: { lingerMs: 50 } });
    const client = await serving.connect();
    await client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nhello");
    await client.until("\r\n\r\nno");
    expect(await client.ended).toBe("fin");
    await backend.idle();
    expect(serving.reports[0]).toMatchObject({ outcome: "answered", status: 413, complete: true });
  });
});

describe("clients that leave at any moment", () => {
  it("leave no connection to the backend behind, and do not disturb the next", async () => {
    const backend = await answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok", "ay");
    const serving = await serveForwarder([backend.port]);
    for (let round = 0; round < 60; round += 1) {
      const client = await serving.connect();
      const body = round % 2 === 0 ? "" : "Content-Length: 9\r\n";
      await client.send(`POST / HTTP/1.1\r\nHost: a.example\r\n${body}\r\n`);
      for (let turn = 0; turn < round % 12; turn += 1) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      client.reset();
    }
    const client = await serving.connect();
    await client.send(GET);
    await client.until("ok");
    await expect.poll(() => [serving.agents.sockets(), backend.open()]).toEqual([1, 1]);
  });
});

describe("connections to backends", () => {
  it("are used again, and none is left when the endpoint leaves the table", async () => {
    const backend = await answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    const serving = await serveForwarder([backend.port]);
    for (let count = 0; count < 3; count += 1) {
      const client = await serving.connect();
      await client.send(GET);
      await client.until("\r\n\r\nok");
    }
    expect(backend.connections).toHaveLength(1);
    finish(serving.agents.retain(new Map()));
    await backend.idle();
    expect(serving.agents.sockets()).toBe(0);
  });

  it("that serve an answer when their endpoint leaves close after it", async () => {
    const backend = await answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok");
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await client.until("ok");
    finish(serving.agents.retain(new Map()));
    await (await backend.connection(0)).send("ay");
    await client.until("okay");
    await backend.idle();
    expect(await serving.report(0)).toMatchObject({ complete: true });
  });

  it.each(["GET", "HEAD"])("that broke while they were idle do not fail a %s", async (method) => {
    const backend = await listenRaw(async (connection, index) => {
      await connection.until("\r\n\r\n");
      await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      if (index > 0) return;
      await connection.until((bytes) => bytes.toString().split("\r\n\r\n").length > 2);
      connection.reset();
    });
    onTestFinished(() => backend.close());
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await serving.report(0);
    await client.send(`${method} /again HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    expect(await serving.report(1)).toMatchObject({ outcome: "answered", status: 200 });
    expect(backend.connections).toHaveLength(2);
  });

  it("that broke are not used for a second try of a request with a body", async () => {
    const backend = await backendFor(async (connection, index) => {
      await connection.until("\r\n\r\n");
      await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      if (index > 0) return;
      await connection.until("body");
      connection.reset();
    });
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await serving.report(0);
    await client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody");
    expect(await serving.report(1)).toMatchObject({ outcome: "refused", failure: "BackendReset", status: 502 });
    expect(backend.connections).toHaveLength(1);
  });

  it("are bounded for each endpoint: who finds none waits its turn", async () => {
    const backend = await answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    const agents = createBackendAgents({ maxSockets: 1, maxIdleSockets: 1, idleMs: 1_000 });
    onTestFinished(() => agents.close());
    const serving = await serveForwarder([backend.port], { deps: { agents } });
    const clients = await Promise.all(Array.from({ length: 5 }, () => serving.connect()));
    await Promise.all(clients.map((client) => client.send(GET)));
    await Promise.all(clients.map((client) => client.until("\r\n\r\nok")));
    expect(backend.connections).toHaveLength(1);
  });

  it("carry a hundred requests at a time", async () => {
    const server = createServer((request, response) => {
      response.end(request.url);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const serving = await serveForwarder([(server.address() as AddressInfo).port]);
    const texts = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const answer = await fetch(`http://127.0.0.1:${serving.port}/${index}`);
        return answer.text();
      }),
    );
    expect(texts).toEqual(Array.from({ length: 100 }, (_, index) => `/${index}`));
    expect(serving.reports).toHaveLength(100);
  });
});
