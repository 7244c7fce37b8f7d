import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { BackendTls } from "../../../src/table/routing-table.ts";
import { entryFor, forwardTo, poolBackend } from "../../harness/build-table.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { type MadeCertificate, makeCertificate } from "../../harness/make-certificate.ts";
import { backendFor, type Serving, type ServingChanges, serveForwarder } from "./serve-forwarder.ts";

const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

describe("TLS to backends", () => {
  let certificate: MadeCertificate;

  beforeAll(async () => {
    certificate = await makeCertificate("svc.example");
  });

  async function secureBackend(): Promise<{ port: number; names: readonly string[]; connections: () => number }> {
    const names: string[] = [];
    let connections = 0;
    const server = createServer({ cert: certificate.pem.chain, key: certificate.pem.key }, (request, response) => {
      names.push("servername" in request.socket ? String(request.socket.servername) : "");
      response.end(`over TLS, for ${request.headers.host}`);
    });
    server.on("secureConnection", () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { port: (server.address() as AddressInfo).port, names, connections: () => connections };
  }

  function serve(port: number, tls: BackendTls, changes: ServingChanges = {}): Promise<Serving> {
    const entries = [entryFor(forwardTo([poolBackend("test/web:80", { tls })]))];
    return serveForwarder([port], { entries, ...changes });
  }

  it("sends the server name, verifies it, and keeps the client's Host", async () => {
    const backend = await secureBackend();
    const serving = await serve(backend.port, { serverName: "svc.example", verify: true, ca: certificate.pem.chain });
    const client = await serving.connect();
    await client.send(GET);
    await client.until("over TLS, for a.example");
    await client.send(GET);
    await client.until((bytes) => bytes.toString().split("over TLS").length > 2);
    expect(backend.names).toEqual(["svc.example", "svc.example"]);
    expect(backend.connections()).toBe(1);
  });

  it.each([
    ["another name", { serverName: "other.example", verify: true }, true],
    ["an unknown root", { serverName: "svc.example", verify: true }, false],
  ])("answers 502 for %s, and sends the backend nothing", async (_name, settings, trusted) => {
    const backend = await secureBackend();
    const serving = await serve(backend.port, { ...settings, ca: trusted ? certificate.pem.chain : null });
    const client = await serving.connect();
    await client.send(GET);
    await client.until("The endpoint's TLS could not be verified.");
    expect(client.text()).toMatch(/^HTTP\/1\.1 502 /);
    expect(backend.names).toEqual([]);
    expect(await serving.report(0)).toMatchObject({ failure: "BackendTlsFailed" });
  });

  it("does not verify where the rule says so", async () => {
    const backend = await secureBackend();
    const serving = await serve(backend.port, { serverName: "other.example", verify: false, ca: null });
    const client = await serving.connect();
    await client.send(GET);
    await client.until("over TLS");
    expect(backend.names).toEqual(["other.example"]);
  });

  it("does not lend a connection that was not verified to a rule that verifies", async () => {
    const backend = await secureBackend();
    const lax = { serverName: "other.example", verify: false, ca: null };
    const strict = { serverName: "other.example", verify: true, ca: certificate.pem.chain };
    const entries = [
      entryFor(forwardTo([poolBackend("test/web:80", { tls: strict })]), "/strict"),
      entryFor(forwardTo([poolBackend("test/web:80", { tls: lax })])),
    ];
    const serving = await serveForwarder([backend.port], { entries });
    const client = await serving.connect();
    await client.send(GET);
    await client.until("over TLS");
    await client.send("GET /strict HTTP/1.1\r\nHost: a.example\r\n\r\n");
    await client.until("HTTP/1.1 502 ");
    expect(backend.names).toHaveLength(1);
  });

  it("answers 502 when the backend speaks no TLS", async () => {
    const plain = await backendFor(async (connection) => {
      await connection.until((bytes) => bytes.length > 0);
      await connection.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const serving = await serve(plain.port, { serverName: "svc.example", verify: true, ca: null });
    const client = await serving.connect();
    await client.send(GET);
    await client.until("HTTP/1.1 502 ");
    expect(await serving.report(0)).toMatchObject({ failure: "BackendTlsFailed" });
  });

  it("bounds the TLS handshake by the connect timeout", async () => {
    const clock = createFakeClock();
    const silent = await backendFor();
    const serving = await serve(
      silent.port,
      { serverName: "svc.example", verify: true, ca: null },
      { deps: { clock } },
    );
    const client = await serving.connect();
    await client.send(GET);
    await (await silent.connection(0)).until((bytes) => bytes.length > 0);
    clock.advance(2_000);
    await client.until("HTTP/1.1 504 ");
    expect(await serving.report(0)).toMatchObject({ failure: "ConnectTimeout" });
    await silent.idle();
  });
});
