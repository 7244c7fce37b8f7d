import { EventEmitter, once } from "node:events";
import { expect, onTestFinished } from "vitest";
import type { WebSocket } from "ws";
import { makeFrame } from "../harness/make-frame.ts";
import { connectRaw, type RawPeer } from "../harness/raw-client.ts";
import { openWs } from "../harness/ws-client.ts";

/** Words that only their owners may ever read: they are in every place of a request where a secret can be. */
export const SECRETS = {
  query: "SENTINEL-query",
  cookie: "SENTINEL-cookie",
  authorization: "SENTINEL-authorization",
  apiKey: "SENTINEL-api-key",
  subprotocol: "SENTINEL-subprotocol",
  message: "SENTINEL-message",
  close: "SENTINEL-close",
  body: "SENTINEL-body",
} as const;

/** What a kind of request is sent to; `missing` is a Service that does not exist, null a path without a rule. */
export type Destination = "echo" | "silent" | "wrong" | "declines" | "cuts" | "dead" | "empty" | "missing" | null;

/** Where one request goes. */
export type Call = {
  readonly port: number;
  readonly path: string;
  /** Emits each path that arrived at a backend. */
  readonly arrivals: EventEmitter;
};

/** One kind of request: what its client does until it is over, and what its one report says. */
export type Kind = {
  readonly name: string;
  readonly to: Destination;
  readonly act: (call: Call) => Promise<void>;
  readonly report: Readonly<Record<string, unknown>>;
  /** For a request of which no path was read: what the detail of its report has in it. */
  readonly pathless?: string;
};

const HANDSHAKE = {
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Protocol": `chat, ${SECRETS.subprotocol}`,
};

type Fields = Readonly<Record<string, string | null>>;

/** Sends a raw head with a secret in each place, and perhaps a body. A field that is null is left out. */
async function send({ port, path }: Call, method: string, fields: Fields, body = ""): Promise<RawPeer> {
  const peer = await connectRaw(port);
  onTestFinished(() => void peer.socket.destroy());
  const { cookie, authorization, apiKey, query } = SECRETS;
  const all = {
    Host: "a.example",
    Cookie: `s=${cookie}`,
    Authorization: `Bearer ${authorization}`,
    "X-Api-Key": apiKey,
  };
  const lines = Object.entries({ ...all, ...fields }).flatMap(([name, value]) =>
    value === null ? [] : `${name}: ${value}`,
  );
  await peer.send(`${method} ${path}?token=${query} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  return peer;
}

async function readRefusal(call: Call, peer: RawPeer, status: unknown): Promise<void> {
  const end = await peer.ended;
  peer.end();
  expect([call.path, end, peer.text()]).toEqual([
    call.path,
    "fin",
    expect.stringContaining(`HTTP/1.1 ${String(status)} `),
  ]);
  expect(peer.text()).not.toContain("SENTINEL");
}

/** What a request differs in from a plain GET or a good handshake. */
type Changes = { readonly fields?: Fields; readonly method?: string; readonly body?: string };

function upgrade(name: string, to: Destination, report: Kind["report"], changes: Changes = {}): Kind {
  const act = async (call: Call): Promise<void> => {
    const { method = "GET", fields } = changes;
    await readRefusal(call, await send(call, method, { ...HANDSHAKE, ...fields }), report["status"]);
  };
  return { name, to, act, report: { outcome: "refused", ...report } };
}

function plain(name: string, to: Destination, report: Kind["report"], changes: Changes = {}): Kind {
  const act = async (call: Call): Promise<void> => {
    const { method = "GET", fields, body } = changes;
    await readRefusal(call, await send(call, method, { Connection: "close", ...fields }, body), report["status"]);
  };
  return { name, to, act, report };
}

function socket(name: string, use: (opened: WebSocket) => void, report: Kind["report"]): Kind {
  const act = async ({ port, path }: Call): Promise<void> => {
    const headers = { host: "a.example", cookie: SECRETS.cookie, authorization: SECRETS.authorization };
    const url = `ws://127.0.0.1:${port}${path}?token=${SECRETS.query}`;
    const client = await openWs(url, ["chat", SECRETS.subprotocol], { headers });
    use(client.socket);
    await client.closed;
  };
  return { name, to: "echo", act, report: { ...RELAYED, ...report } };
}

const RELAYED = { outcome: "relayed", status: 101, subprotocol: "chat", service: "default/echo:80" };

function rawSocket(name: string, use: (peer: RawPeer) => Promise<void>, report: Kind["report"]): Kind {
  const act = async (call: Call): Promise<void> => {
    const peer = await send(call, "GET", HANDSHAKE);
    await peer.until("\r\n\r\n");
    await use(peer);
  };
  return { name, to: "echo", act, report: { ...RELAYED, ...report } };
}

/** Every way in which a WebSocket can go that was opened. */
export const SOCKETS: readonly Kind[] = [
  socket(
    "closed-by-client",
    (opened) => {
      opened.send(SECRETS.message);
      opened.once("message", () => opened.close(1000, SECRETS.close));
    },
    {
      cause: "client",
      by: "client",
      clean: true,
      errno: null,
      undeliveredIn: 0,
      undeliveredOut: 0,
      framesIn: 2,
      framesOut: 2,
      messagesIn: 1,
      messagesOut: 1,
      // Two masked frames with 6 bytes of header each: the message, and the Close with its code.
      bytesIn: 6 + SECRETS.message.length + 6 + 2 + SECRETS.close.length,
      closeFromClient: 1000,
      closeToBackend: 1000,
      closeFromBackend: 1000,
      closeToClient: 1000,
    },
  ),
  socket("closed-by-backend", (opened) => opened.send("close"), {
    cause: "backend",
    by: "backend",
    clean: true,
    messagesIn: 1,
    messagesOut: 0,
    framesOut: 1,
    closeFromBackend: 4000,
    closeToClient: 4000,
    closeFromClient: 4000,
    closeToBackend: 4000,
  }),
  socket("killed-by-client", (opened) => opened.terminate(), {
    cause: "client",
    by: "client",
    closeFromClient: null,
    closeToBackend: null,
  }),
  socket("killed-by-backend", (opened) => opened.send("die"), {
    cause: "backend",
    by: "backend",
    closeFromBackend: null,
    closeToClient: 1014,
    messagesIn: 1,
  }),
  rawSocket(
    "reset-by-client",
    async (peer) => {
      peer.reset();
      await peer.closed;
    },
    { cause: "client", by: "client", clientEnded: "reset", errno: "ECONNRESET", closeToBackend: null },
  ),
  rawSocket(
    "breaks-the-protocol",
    async (peer) => {
      await peer.send(makeFrame("client", { opcode: 1, payload: SECRETS.message, key: null }));
      await peer.ended;
      peer.end();
    },
    { cause: "protocol-error", by: "client", closeToClient: 1002, closeToBackend: 1001, messagesOut: 0 },
  ),
];

const UNMATCHED = { route: null, service: null, endpoint: null };

/** A request that is refused before its path is known. */
function unread(kind: Kind, detail: string): Kind {
  return { ...kind, pathless: detail, report: { ...kind.report, ...UNMATCHED, host: null, path: null } };
}

/** Every way in which a handshake can be refused, by Fairlead or by the backend. */
export const HANDSHAKES: readonly Kind[] = [
  upgrade(
    "old-version",
    "echo",
    { status: 426, failure: "UnsupportedVersion" },
    { fields: { "Sec-WebSocket-Version": "8" } },
  ),
  unread(
    upgrade("put", "echo", { status: 405, failure: "MethodNotAllowed", method: "PUT" }, { method: "PUT" }),
    "not GET",
  ),
  upgrade(
    "no-key",
    "echo",
    { status: 400, failure: "BadRequest", ...UNMATCHED },
    { fields: { "Sec-WebSocket-Key": null } },
  ),
  upgrade(
    "with-body",
    "echo",
    { status: 400, failure: "BadRequest", ...UNMATCHED },
    { fields: { "Content-Length": "4" } },
  ),
  unread(
    upgrade("nominates", "echo", { status: 400, failure: "BadRequest" }, { fields: { Connection: "Upgrade, Cookie" } }),
    "protected field",
  ),
  upgrade("expects", "echo", { status: 417, failure: "ExpectationFailed" }, { fields: { Expect: "100-continue" } }),
  unread(upgrade("dots/../up", "echo", { status: 400, failure: "BadRequest" }), "dot segment"),
  upgrade("no-rule", null, { status: 404, failure: "NoRoute", ...UNMATCHED }),
  upgrade(
    "origin",
    "echo",
    { status: 403, failure: "ForbiddenOrigin", endpoint: null },
    { fields: { Origin: "https://evil.example" } },
  ),
  upgrade("misconfigured", "missing", { status: 503, failure: "RouteRefused", service: null }),
  upgrade("empty", "empty", { status: 503, failure: "NoReadyEndpoint", endpoint: null }),
  upgrade("dead", "dead", { status: 502, failure: "ConnectFailed", service: "default/dead:80" }),
  upgrade("wrong", "wrong", { status: 502, failure: "InvalidBackendAnswer", service: "default/wrong:80" }),
  upgrade("silent", "silent", { status: 504, failure: "HandshakeTimeout", service: "default/silent:80" }),
  upgrade("declined", "declines", { outcome: "answered", upgrade: true, status: 403, complete: true }),
  {
    name: "left-while-dialled",
    to: "silent",
    act: async (call) => {
      const arrived = once(call.arrivals, call.path);
      const peer = await send(call, "GET", HANDSHAKE);
      await arrived;
      peer.reset();
      await peer.closed;
    },
    report: { outcome: "refused", status: 0, failure: "ClientGone", service: "default/silent:80" },
  },
];

/** Plain requests, served and not. */
export const PLAIN: readonly Kind[] = [
  plain("get", "echo", { outcome: "answered", upgrade: false, status: 200, complete: true, method: "GET" }),
  plain(
    "post",
    "echo",
    { outcome: "answered", status: 200, complete: true },
    { method: "POST", fields: { "Content-Length": "13" }, body: SECRETS.body },
  ),
  plain(
    "chunked",
    "echo",
    { outcome: "answered", status: 200, complete: true, method: "POST" },
    { method: "POST", fields: { "Transfer-Encoding": "chunked" }, body: `d\r\n${SECRETS.body}\r\n0\r\n\r\n` },
  ),
  plain("plain-cut", "cuts", { outcome: "answered", status: 200, complete: false, service: "default/cuts:80" }),
  plain("plain-no-rule", null, { outcome: "refused", status: 404, failure: "NoRoute", ...UNMATCHED }),
  plain("plain-missing", "missing", { outcome: "refused", status: 503, failure: "RouteRefused" }),
  plain("plain-dead", "dead", { outcome: "refused", status: 502, failure: "ConnectFailed" }),
  plain("plain-silent", "silent", { outcome: "refused", status: 504, failure: "HandshakeTimeout" }),
  unread(
    plain(
      "head-too-large",
      "echo",
      { outcome: "refused", status: 431, failure: "HeaderFieldsTooLarge" },
      { fields: { "X-Large": SECRETS.cookie.repeat(2_000) } },
    ),
    "HPE_HEADER_OVERFLOW",
  ),
  unread(
    plain(
      "head-malformed",
      "echo",
      { outcome: "refused", status: 400, failure: "BadRequest" },
      { fields: { [`X ${SECRETS.cookie}`]: SECRETS.apiKey } },
    ),
    "HPE_INVALID_HEADER_TOKEN",
  ),
];
