import type { AddressInfo } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { BackendTls } from "../../../src/table/routing-table.ts";
import { endpointTable, entryFor, forwardTo, poolBackend, routingTable } from "../../harness/build-table.ts";
import { requestBytes } from "../../harness/incoming-request.ts";
import { type MadeCertificate, makeCertificate } from "../../harness/make-certificate.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import { connectRaw, type RawPeer, wrapSocket } from "../../harness/raw-client.ts";
import { startUpgradeProxy, type UpgradeProxy } from "../../harness/upgrade-proxy.ts";
import { fieldOf, readHead, switchingTo } from "../../harness/websocket-backend.ts";

let certificate: MadeCertificate;
let other: MadeCertificate;
beforeAll(async () => {
  [certificate, other] = await Promise.all([makeCertificate("echo.test.svc"), makeCertificate("echo.test.svc")]);
});

type SecureBackend = { readonly port: number; readonly names: readonly string[]; readonly heads: readonly string[] };

/** Takes every upgrade over TLS, and says `hello` in the same write as its 101. */
async function secureBackend(): Promise<SecureBackend> {
  const names: string[] = [];
  const heads: string[] = [];
  const serve = async (connection: RawPeer): Promise<void> => {
    const head = await readHead(connection);
    heads.push(head);
    await connection.send(Buffer.concat([Buffer.from(switchingTo(head)), makeFrame("backend", HELLO)]));
    await connection.until((bytes) => bytes.includes(makeFrame("client", EARLY)));
    await connection.send(makeFrame("backend", HEARD));
  };
  const server: Server = createServer({ ...certificate.pem, cert: certificate.pem.chain }, (socket: TLSSocket) => {
    names.push(String(socket.servername));
    serve(wrapSocket(socket)).catch(() => socket.destroy());
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, names, heads };
}

const HELLO = { opcode: 1, payload: "hello" };
const EARLY = { opcode: 1, payload: "early" };
const HEARD = { opcode: 1, payload: "heard" };

async function openProxy(port: number, tls: BackendTls, reads: "shared" | "plain"): Promise<UpgradeProxy> {
  const entry = entryFor(forwardTo([poolBackend("test/echo:80", { tls })]));
  const proxy = await startUpgradeProxy({
    routing: routingTable({ "a.example": [entry] }),
    endpoints: endpointTable({ "test/echo:80": [port] }),
    reads,
  });
  onTestFinished(proxy.close);
  return proxy;
}

async function upgrade(proxy: UpgradeProxy): Promise<RawPeer> {
  const client = await connectRaw(proxy.port);
  onTestFinished(() => {
    client.socket.destroy();
  });
  await client.send(Buffer.concat([Buffer.from(requestBytes()), makeFrame("client", EARLY)]));
  return client;
}

describe.each(["shared", "plain"] as const)("an upgrade to a backend over TLS, with %s reads", (reads) => {
  it.each<[string, () => BackendTls]>([
    ["verified", () => ({ serverName: "echo.test.svc", verify: true, ca: certificate.pem.chain })],
    ["not verified, because the rule says so", () => ({ serverName: "wrong.test.svc", verify: false, ca: null })],
  ])("is relayed with the early bytes of both sides, %s", async (_how, tls) => {
    const backend = await secureBackend();
    const client = await upgrade(await openProxy(backend.port, tls(), reads));
    const got = await client.until("heard");
    expect(got.toString("latin1")).toMatch(/^HTTP\/1\.1 101 /);
    const frames = Buffer.concat([makeFrame("backend", HELLO), makeFrame("backend", HEARD)]);
    expect(got.subarray(got.indexOf("\r\n\r\n") + 4)).toEqual(frames);
    expect(backend.names).toEqual([tls().serverName]);
    expect(fieldOf(backend.heads[0] ?? "", "Host")).toBe("a.example");
  });

  it.each<[string, () => BackendTls]>([
    ["roots that did not sign it", () => ({ serverName: "echo.test.svc", verify: true, ca: other.pem.chain })],
    ["the system's roots", () => ({ serverName: "echo.test.svc", verify: true, ca: null })],
    ["another name", () => ({ serverName: "wrong.test.svc", verify: true, ca: certificate.pem.chain })],
  ])("is 502 by %s, and not one byte of the handshake is sent", async (_why, tls) => {
    const backend = await secureBackend();
    const proxy = await openProxy(backend.port, tls(), reads);
    const client = await upgrade(proxy);
    await client.ended;
    expect(client.text()).toMatch(/^HTTP\/1\.1 502 /);
    expect(await proxy.report(0)).toMatchObject({ outcome: "refused", status: 502, failure: "BackendTlsFailed" });
    expect(proxy.reports).toHaveLength(1);
    expect(backend.heads).toEqual([]);
  });
});
