import { connect as connectTls } from "node:tls";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { makeSelfSigned, type PemPair } from "../../src/cli/self-signed.ts";
import { ingress, manifestText, route, rule, service, tlsSecret } from "../harness/manifests.ts";
import { connectRaw, wrapSocket } from "../harness/raw-client.ts";
import { fingerprintOf, shownCertificate } from "../harness/shown-certificate.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { openWs } from "../harness/ws-client.ts";

let first: PemPair;
let second: PemPair;
/** For names without one of their own. */
let fallback: PemPair;
beforeAll(async () => {
  [first, second, fallback] = await Promise.all([
    makeSelfSigned(["a.example"]),
    makeSelfSigned(["a.example"]),
    makeSelfSigned(["localhost"]),
  ]);
});

/** Asks in raw bytes, over TLS with any server name (null for none) or in the clear, and gives the answer's head. */
async function ask(
  port: number,
  { sni, host, upgrade = false }: { readonly sni?: string | null; readonly host: string; readonly upgrade?: boolean },
): Promise<string> {
  const raw = await connectRaw(port);
  onTestFinished(() => void raw.socket.destroy());
  const tls = { socket: raw.socket, rejectUnauthorized: false, ...(sni ? { servername: sni } : {}) };
  const peer = sni === undefined ? raw : wrapSocket(connectTls(tls));
  const fields = upgrade
    ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    : "";
  await peer.send(`GET /path%20x?q=1 HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`);
  const head = (await peer.until("\r\n\r\n")).toString("latin1");
  peer.socket.destroy();
  return head.slice(0, head.indexOf("\r\n\r\n"));
}

async function openHouse(): Promise<RunningApp> {
  const backend = await startWsBackend();
  return await startApp({
    files: {
      "route.json": manifestText(
        service("echo", [backend.port]),
        ingress("a", "a.example", "echo", { tls: { tls: ["a.example"] } }),
      ),
      "tls.json": manifestText(tlsSecret("tls", first)),
    },
  });
}

describe("Rotating a certificate", () => {
  it("shows the new one to new connections soon, and leaves the live ones alone", async () => {
    const app = await openHouse();
    const { https } = app.ports;
    const live = await openWs(`wss://127.0.0.1:${https}/`, [], {
      ca: first.chain,
      servername: "a.example",
      headers: { host: "a.example" },
    });
    expect(await shownCertificate(https, "a.example")).toBe(fingerprintOf(first));
    for (const pair of [second, first, second]) {
      const startMs = performance.now();
      await app.swap(async () => await app.directory.saveByRename("tls.json", manifestText(tlsSecret("tls", pair))));
      expect(await shownCertificate(https, "a.example")).toBe(fingerprintOf(pair));
      expect(performance.now() - startMs).toBeLessThan(10_000);
      live.socket.send("still here");
      expect(String((await live.next()).data)).toBe("still here");
    }
    expect(app.log.reports()).toEqual([]);
    live.socket.terminate();
  });

  it.each([
    [
      "a chain that is no certificate",
      (pair: PemPair) => ({ ...pair, chain: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }),
    ],
    ["the key of another certificate", (pair: PemPair) => ({ ...pair, key: first.key })],
  ])("keeps the last good one when it gets %s, and says so with file, line and column", async (_, spoil) => {
    const app = await openHouse();
    const { data } = tlsSecret("tls", spoil(second));
    const text = [
      "# rotated by hand",
      "apiVersion: v1",
      "kind: Secret",
      "metadata: { name: tls }",
      "type: kubernetes.io/tls",
      "data:",
      `  tls.crt: ${data?.["tls.crt"]}`,
      `  tls.key: ${data?.["tls.key"]}`,
      "",
    ].join("\n");
    await app.directory.saveByRename("tls.json", text);
    const line = await app.log.lineWhere(({ level, file }) => level === "warn" && file === "tls.json");
    expect(line["line"]).toBeOneOf([7, 8]);
    expect(line["column"]).toBeGreaterThan(0);
    expect(line["object"]).toBeDefined();
    expect(await shownCertificate(app.ports.https, "a.example")).toBe(fingerprintOf(first));
    expect(await ask(app.ports.https, { sni: "a.example", host: "a.example" })).toMatch(/^HTTP\/1\.1 200 /);
    await app.swap(async () => await app.directory.saveByRename("tls.json", manifestText(tlsSecret("tls", second))));
    expect(await shownCertificate(app.ports.https, "a.example")).toBe(fingerprintOf(second));
  });
});

describe("The server name of a connection and the Host of its requests", () => {
  it("must have the same TLS settings, or the answer is 421, for plain requests and upgrades alike", async () => {
    const backend = await startWsBackend();
    const strict = { certificateRefs: [{ name: "tls-a" }], minVersion: "1.3" } as const;
    const app = await startApp({
      defaultPair: fallback,
      files: {
        "all.json": manifestText(
          service("echo", [backend.port]),
          tlsSecret("tls-a", first),
          tlsSecret("tls-b", second),
          ingress("a", "a.example", "echo", { tls: { "tls-a": ["a.example"] } }),
          ingress("same", "same.example", "echo", { tls: { "tls-a": ["same.example"] } }),
          ingress("b", "b.example", "echo", { tls: { "tls-b": ["b.example"] } }),
          ingress("wild", "*.wild.example", "echo", { tls: { "tls-b": ["*.wild.example"] } }),
          ingress("open", "open.example", "echo"),
          route("strict", [rule("all", "/", ["echo"])], { hostnames: ["strict.example"], tls: strict }),
        ),
      },
    });
    const table: readonly (readonly [sni: string | null, host: string, status: number])[] = [
      ["a.example", "a.example", 200],
      ["a.example", "A.Example.:443", 200],
      ["a.example", "same.example", 200],
      ["same.example", "a.example", 200],
      ["a.example", "b.example", 421],
      ["b.example", "a.example", 421],
      ["a.example", "open.example", 421],
      ["open.example", "a.example", 421],
      ["open.example", "open.example", 200],
      [null, "open.example", 200],
      [null, "b.example", 421],
      ["x.wild.example", "y.wild.example", 200],
      ["x.wild.example", "a.example", 421],
      ["a.example", "strict.example", 421],
      ["strict.example", "strict.example", 200],
      ["strict.example", "a.example", 421],
      ["a.example", "unknown.example", 421],
      ["unknown.example", "unknown.example", 404],
    ];
    for (const [sni, host, status] of table) {
      for (const upgrade of [false, true]) {
        const answer = await ask(app.ports.https, { sni, host, upgrade });
        const wanted = upgrade && status === 200 ? 101 : status;
        expect([sni, host, answer.split(" ")[1]]).toEqual([sni, host, String(wanted)]);
      }
    }
    const misdirected = app.log.reports().filter(({ status }) => status === 421);
    expect(misdirected).toHaveLength(2 * table.filter(([, , status]) => status === 421).length);
    expect(new Set(misdirected.map(({ failure }) => failure))).toEqual(new Set(["MisdirectedRequest"]));
    expect(misdirected.filter(({ route: rules, service: pool }) => rules !== null || pool !== null)).toEqual([]);
  });
});

describe("A host with TLS, asked in the clear", () => {
  it("answers 308 to plain requests and upgrades unless ssl-redirect is false, and a host without TLS never does", async () => {
    const backend = await startWsBackend();
    const app = await startApp({
      defaultPair: fallback,
      flags: { publicHttpsPort: "8443" },
      files: {
        "all.json": manifestText(
          service("echo", [backend.port]),
          tlsSecret("tls", first),
          ingress("a", "a.example", "echo", { tls: { tls: ["a.example"] } }),
          ingress("kept", "kept.example", "echo", {
            tls: { tls: ["kept.example"] },
            annotations: { "fairlead.dev/ssl-redirect": "false" },
          }),
          ingress("open", "open.example", "echo"),
        ),
      },
    });
    const { http, https } = app.ports;
    for (const upgrade of [false, true]) {
      const redirect = await ask(http, { host: "a.example", upgrade });
      expect(redirect).toMatch(/^HTTP\/1\.1 308 /);
      expect(redirect).toContain("\r\nLocation: https://a.example:8443/path%20x?q=1\r\n");
      const served = upgrade ? /^HTTP\/1\.1 101 / : /^HTTP\/1\.1 200 /;
      expect(await ask(http, { host: "kept.example", upgrade })).toMatch(served);
      expect(await ask(http, { host: "open.example", upgrade })).toMatch(served);
      expect(await ask(https, { sni: "a.example", host: "a.example", upgrade })).toMatch(served);
    }
    expect(backend.total()).toBe(3);
  });
});
