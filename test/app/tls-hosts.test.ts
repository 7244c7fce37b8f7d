import { connect as connectTls } from "node:tls";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { makeSelfSigned, type PemPair } from "../../src/cli/self-signed.ts";
import { requestBytes } from "../harness/incoming-request.ts";
import { isReport } from "../harness/log-collector.ts";
import { ingress, manifestText, route, rule, service, tlsSecret } from "../harness/manifests.ts";
import { connectRaw, type RawPeer, wrapSocket } from "../harness/raw-client.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { fieldOf } from "../harness/websocket-backend.ts";
import { startWsBackend } from "../harness/ws-backend.ts";

let pairs: Readonly<Record<"a" | "b" | "fallback", PemPair>>;
beforeAll(async () => {
  const [a, b, fallback] = await Promise.all([["a.example"], ["b.example"], ["fallback.example"]].map(makeSelfSigned));
  pairs = { a, b, fallback } as typeof pairs;
});

/** Two hosts with certificates of their own, one that is never redirected, and one without a certificate of its own. */
async function serveHosts(): Promise<RunningApp & { readonly upgraded: () => number }> {
  let upgraded = 0;
  const backend = await startWsBackend({
    connected: () => {
      upgraded += 1;
    },
    plain: (_asked, response) => response.end("plain"),
  });
  const files = {
    "all.json": manifestText(
      service("echo", [backend.port]),
      tlsSecret("a", pairs.a),
      tlsSecret("b", pairs.b),
      ingress("a", "a.example", "echo", { tls: { a: ["a.example"] } }),
      ingress("b", "b.example", "echo", {
        tls: { b: ["b.example"] },
        annotations: { "fairlead.dev/ssl-redirect": "false" },
      }),
      ingress("c", "c.example", "echo"),
      route("d", [rule("all", "/", ["echo"])], { hostnames: ["d.example"] }),
    ),
  };
  const app = await startApp({ files, defaultPair: pairs.fallback, flags: { publicHttpsPort: "8443" } });
  return { ...app, upgraded: () => upgraded };
}

type Way = { readonly upgrade: boolean; readonly host: string; readonly serverName?: string };

async function openTls(app: RunningApp, serverName: string | undefined): Promise<RawPeer> {
  const name = serverName === undefined ? {} : { servername: serverName };
  const socket = connectTls({ port: app.ports.https, host: "127.0.0.1", rejectUnauthorized: false, ...name });
  onTestFinished(() => {
    socket.destroy();
  });
  return wrapSocket(socket);
}

/** The head of what a request gets on this connection. */
async function ask(peer: RawPeer, { upgrade, host }: Way): Promise<string> {
  const plain = `GET /x%2d?q=1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  await peer.send(upgrade ? requestBytes({ url: "/x%2d?q=1", change: { Host: host } }) : plain);
  const bytes = await peer.until("\r\n\r\n");
  return bytes.toString("latin1", 0, bytes.indexOf("\r\n\r\n") + 4);
}

async function askHttp(app: RunningApp, way: Way): Promise<string> {
  const peer = await connectRaw(app.ports.http);
  onTestFinished(() => {
    peer.socket.destroy();
  });
  return await ask(peer, way);
}

const statusOf = (head: string): number => Number(head.slice(9, 12));

describe.each([{ upgrade: true }, { upgrade: false }])("the hosts of a request, upgrade: $upgrade", ({ upgrade }) => {
  const taken = upgrade ? 101 : 200;

  it("are redirected with 308 to where their certificate is, with path, query and port", async () => {
    const app = await serveHosts();
    const head = await askHttp(app, { upgrade, host: "a.example" });
    expect(statusOf(head)).toBe(308);
    expect(fieldOf(head, "Location")).toBe("https://a.example:8443/x-?q=1");
    const line = await app.log.lineWhere(isReport);
    expect(line).toMatchObject({ status: 308, failure: "RedirectToHttps", host: "a.example" });
    expect(fieldOf(head, "X-Request-Id")).toBe(line["id"]);
    expect(app.upgraded()).toBe(0);
  });

  it("are served over plain HTTP where the Ingress says so, or without a certificate of their own", async () => {
    const app = await serveHosts();
    for (const host of ["b.example", "c.example", "d.example"]) {
      expect([host, statusOf(await askHttp(app, { upgrade, host }))]).toEqual([host, taken]);
    }
  });

  it("are served on a connection that was opened for them, and refused with 421 on any other", async () => {
    const app = await serveHosts();
    const rows: readonly (readonly [serverName: string | undefined, host: string, status: number])[] = [
      ["a.example", "a.example", taken],
      ["a.example", "A.EXAMPLE.:8443", taken],
      ["c.example", "c.example", taken],
      // The same default certificate, the same settings: one connection may serve both.
      ["c.example", "d.example", taken],
      [undefined, "c.example", taken],
      ["a.example", "b.example", 421],
      ["b.example", "a.example", 421],
      ["a.example", "c.example", 421],
      ["c.example", "a.example", 421],
      [undefined, "a.example", 421],
      ["unknown.example", "a.example", 421],
      ["c.example", "unknown.example", 404],
    ];
    for (const [serverName, host, status] of rows) {
      const before = app.upgraded();
      const head = await ask(await openTls(app, serverName), { upgrade, host });
      expect([serverName, host, statusOf(head)]).toEqual([serverName, host, status]);
      expect(app.upgraded() - before).toBe(status === 101 ? 1 : 0);
    }
    const refused = app.log.reports().filter(({ status }) => status === 421);
    expect(refused).toHaveLength(6);
    expect(new Set(refused.map(({ failure }) => failure))).toEqual(new Set(["MisdirectedRequest"]));
  });

  it("are found by the Host of each request of a connection, not by that of the first", async () => {
    const app = await serveHosts();
    const peer = await openTls(app, "a.example");
    expect(statusOf(await ask(peer, { upgrade: false, host: "a.example" }))).toBe(200);
    await peer.until("plain");
    const already = peer.received().length;
    await peer.send(
      upgrade ? requestBytes({ change: { Host: "b.example" } }) : "GET / HTTP/1.1\r\nHost: b.example\r\n\r\n",
    );
    await peer.until((bytes) => bytes.subarray(already).includes("\r\n\r\n"));
    expect(statusOf(peer.text().slice(already))).toBe(421);
  });
});
