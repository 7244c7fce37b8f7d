import { describe, expect, it, onTestFinished } from "vitest";
import type { LogLine } from "../harness/log-collector.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { listenRaw, type RawBackend } from "../harness/raw-backend.ts";
import { connectRaw, type RawPeer } from "../harness/raw-client.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { readHead, switchingTo } from "../harness/websocket-backend.ts";

const UPGRADE =
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

type Script = (connection: RawPeer, head: string) => Promise<void> | void;

/** What a backend does with a request's head, or null for one that does not listen. */
type Misbehaviour = { readonly name: string; readonly script: Script | null; readonly answer: Partial<LogLine> };

const FAILURES: readonly Misbehaviour[] = [
  { name: "does not listen", script: null, answer: { status: 502, failure: "ConnectFailed" } },
  { name: "resets", script: (peer) => peer.reset(), answer: { status: 502, failure: "BackendReset" } },
  { name: "leaves", script: (peer) => peer.end(), answer: { status: 502, failure: "BackendReset" } },
  { name: "stays silent", script: () => {}, answer: { status: 504, failure: "HandshakeTimeout" } },
  {
    name: "sends half a head",
    script: (peer) => peer.send("HTTP/1.1 200 OK\r\nX-Half: "),
    answer: { status: 504, failure: "HandshakeTimeout" },
  },
];

/** Only an upgrade can go wrong in these ways. */
const UPGRADE_FAILURES: readonly Misbehaviour[] = [
  ["speaks no HTTP", () => "SSH-2.0-OpenSSH_9.9\r\n\r\n"],
  [
    "answers another's key",
    (head: string) => switchingTo(head.replace(/(Sec-WebSocket-Key: ).*\r/i, "$1AAAAAAAAAAAAAAAAAAAAAA==\r")),
  ],
  ["switches without Upgrade", (head: string) => switchingTo(head).replace("Upgrade: websocket\r\n", "")],
  ["agrees to what was not offered", (head: string) => switchingTo(head, ["Sec-WebSocket-Protocol: mqtt"])],
].map(([name, answer]) => ({
  name: name as string,
  script: async (peer, head) => await peer.send((answer as (head: string) => string)(head)),
  answer: { status: 502, failure: "InvalidBackendAnswer" },
}));

type House = { readonly app: RunningApp; readonly backend: RawBackend };

async function openHouse(script: Script | null): Promise<House> {
  const backend = await listenRaw(async (peer) => {
    // It never leaves by itself: that its connection ends is Fairlead's doing.
    peer.socket.once("end", () => peer.socket.end());
    await script?.(peer, await readHead(peer));
  });
  onTestFinished(backend.close);
  if (script === null) await backend.close();
  const timeouts = { handshake: "300ms" };
  const objects = [service("echo", [backend.port]), route("echo", [rule("all", "/", ["echo"], { timeouts })])];
  return { backend, app: await startApp({ files: { "all.json": manifestText(...objects) } }) };
}

async function ask({ app }: House, fields: string): Promise<string> {
  const client = await connectRaw(app.ports.http);
  onTestFinished(() => void client.socket.destroy());
  await client.send(`GET /chat HTTP/1.1\r\nHost: a.example\r\n${fields}\r\n`);
  expect(await client.ended).toBe("fin");
  client.end();
  return client.text();
}

const PLACE = {
  route: "WebSocketRoute/default/echo/all",
  service: "default/echo:80",
  host: "a.example",
  path: "/chat",
};

describe.each([...FAILURES, ...UPGRADE_FAILURES])("A backend that $name", ({ script, answer }) => {
  it("costs an upgrade a short answer of ours, one report, and no connection is left", async () => {
    const house = await openHouse(script);
    const text = await ask(house, UPGRADE);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${String(answer["status"])} `));
    const report = await house.app.log.lineWhere(({ outcome }) => outcome !== undefined);
    const endpoint = `127.0.0.1:${house.backend.port}`;
    expect(report).toMatchObject({ outcome: "refused", ...PLACE, ...answer, endpoint });
    expect(text).toContain(`X-Request-Id: ${String(report["id"])}\r\n`);
    // Who asks is told that something failed, not what is behind.
    expect(text).not.toContain(String(house.backend.port));
    await house.backend.idle();
    expect(house.app.log.reports()).toHaveLength(1);
  });
});

describe.each(FAILURES)("A backend that $name", ({ script, answer }) => {
  it("costs a plain request a short answer of ours, one report, and no connection is left", async () => {
    const house = await openHouse(script);
    const text = await ask(house, "Connection: close\r\n");
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${String(answer["status"])} `));
    const report = await house.app.log.lineWhere(({ outcome }) => outcome !== undefined);
    expect(report).toMatchObject({ outcome: "refused", ...PLACE, ...answer });
    await house.backend.idle();
    expect(house.app.log.reports()).toHaveLength(1);
  });
});

it("A backend that declines an upgrade is heard: its answer is the client's, and the report says answered", async () => {
  const declined = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 7\r\n\r\nsign in";
  const house = await openHouse(async (peer) => await peer.send(declined));
  const text = await ask(house, UPGRADE);
  expect(text).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
  expect(text).toMatch(/\r\nWWW-Authenticate: Bearer\r\n.*\r\n\r\nsign in$/s);
  const report = await house.app.log.lineWhere(({ outcome }) => outcome !== undefined);
  expect(report).toMatchObject({ outcome: "answered", upgrade: true, status: 401, complete: true, ...PLACE });
  await house.backend.idle();
  expect(house.app.log.reports()).toHaveLength(1);
});
