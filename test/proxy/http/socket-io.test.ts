import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { io, type Socket } from "socket.io-client";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Report } from "../../../src/base/report.ts";
import { createBackendAgents } from "../../../src/proxy/http/backend-agents.ts";
import { createForwarder } from "../../../src/proxy/http/forward.ts";
import { readArrival } from "../../../src/proxy/listen/arrival.ts";
import { endpointTable, entryFor, forwardTo, poolBackend, routingTable } from "../../harness/build-table.ts";
import { startUpgradeProxy, type UpgradeProxy } from "../../harness/upgrade-proxy.ts";
import { forwarderDeps } from "./serve-forwarder.ts";

type Proxy = { readonly upgrades: UpgradeProxy; readonly plain: readonly Report[]; readonly port: number };

/** One route for both: polls by the forwarder, WebSockets by the relay. */
async function proxyTo(port: number): Promise<Proxy> {
  const plain: Report[] = [];
  const agents = createBackendAgents();
  const forward = createForwarder(forwarderDeps([port], {}, agents));
  const upgrades = await startUpgradeProxy({
    routing: routingTable({ "*": [entryFor(forwardTo([poolBackend("test/web:80")]))] }),
    endpoints: endpointTable({ "test/web:80": [port] }),
    onRequest: (request, response) => {
      forward(request, response, readArrival(request.socket)).then(
        (report) => plain.push(report),
        () => response.destroy(),
      );
    },
  });
  onTestFinished(async () => {
    agents.close();
    await upgrades.close();
  });
  return { upgrades, plain, port: upgrades.port };
}

async function socketIoServer(): Promise<number> {
  const http = createServer();
  const server = new Server(http, { serveClient: false });
  server.on("connection", (socket) => {
    socket.on("echo", (value: unknown, done: (value: unknown) => void) => done(value));
    socket.on("ask", () => socket.emit("told", socket.conn.transport.name));
  });
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(async () => {
    await server.close();
  });
  return (http.address() as AddressInfo).port;
}

function connectTo(port: number, transports: readonly string[]): Socket {
  const client = io(`http://127.0.0.1:${port}`, { transports: [...transports], reconnection: false, forceNew: true });
  onTestFinished(() => {
    client.disconnect();
  });
  return client;
}

describe("Socket.IO through one route", () => {
  it("begins with polling, upgrades to WebSocket, and loses no message on the way", async () => {
    const proxy = await proxyTo(await socketIoServer());
    const client = connectTo(proxy.port, ["polling", "websocket"]);
    const upgraded = new Promise<string>((resolve) => {
      client.io.engine.once("upgrade", (transport: { readonly name: string }) => resolve(transport.name));
    });
    const values = Array.from({ length: 50 }, (_, index) => index);
    const echoed = await Promise.all(values.map((value) => client.emitWithAck("echo", value) as Promise<number>));
    expect(echoed).toEqual(values);
    expect(await upgraded).toBe("websocket");
    const binary = (await client.emitWithAck("echo", Buffer.alloc(100_000, 7))) as Buffer;
    expect(Buffer.from(binary).equals(Buffer.alloc(100_000, 7))).toBe(true);
    const told = new Promise<string>((resolve) => {
      client.once("told", resolve);
    });
    client.emit("ask");
    expect(await told).toBe("websocket");
    client.disconnect();
    expect(await proxy.upgrades.report(0)).toMatchObject({ outcome: "relayed", status: 101 });
    expect(proxy.plain.length).toBeGreaterThan(1);
    expect(proxy.plain.filter((report) => report.status !== 200)).toEqual([]);
  });

  it("works by polling alone, and by WebSocket alone", async () => {
    const proxy = await proxyTo(await socketIoServer());
    for (const transport of ["polling", "websocket"]) {
      const client = connectTo(proxy.port, [transport]);
      expect(await client.emitWithAck("echo", transport)).toBe(transport);
      client.disconnect();
    }
    expect(await proxy.upgrades.report(0)).toMatchObject({ outcome: "relayed" });
  });
});
