import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { connect as connectTls, createSecureContext } from "node:tls";
import type { Both } from "../../../src/base/endings.ts";
import { createFlowTallies, type FlowTally } from "../../../src/base/flow-tally.ts";
import type { Clock } from "../../../src/base/ports.ts";
import { systemClock } from "../../../src/base/system-clock.ts";
import { createNodeRelay, type NodeRelayParts } from "../../../src/proxy/relay/node-relay.ts";
import type { Relay, RelayEnd, RelayId, RelaySettings, Side, Target } from "../../../src/proxy/relay/relay.ts";
import { reset } from "../../../src/proxy/relay/reset.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import { listenRaw, type RawBackend } from "../../harness/raw-backend.ts";
import { connectRaw, type RawPeer, wrapSocket } from "../../harness/raw-client.ts";
import { parseFrames } from "../../harness/reference-parser.ts";

export const ANSWER = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
export const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

export const SETTINGS: RelaySettings = {
  extensions: "none",
  idleMs: 0,
  stallMs: { client: 60_000, backend: 60_000 },
  lifetimeMs: 0,
  closeMs: 10_000,
  pingMs: { client: 0, backend: 0 },
  pongMs: 0,
  queueBytes: 65_536,
  maxFrameBytes: { client: 0, backend: 0 },
  maxMessageBytes: { client: 0, backend: 0 },
  maxFragments: 0,
  messages: { client: { perSecond: 0, burst: 0 }, backend: { perSecond: 0, burst: 0 } },
  controlFramesPerSecond: 0,
};

/** A relayed connection with both of its real peers. */
export type Lane = {
  readonly id: RelayId;
  readonly client: RawPeer;
  readonly backend: RawPeer;
  readonly sides: { readonly client: Side; readonly backend: Side };
  /** What the client got after the 101. */
  readonly clientGot: () => Buffer;
  /** Resolves once the client got these bytes, or as many, after the 101. */
  readonly clientGets: (wanted: number | Uint8Array) => Promise<Buffer>;
  readonly backendGets: (wanted: number | Uint8Array) => Promise<Buffer>;
  readonly end: Promise<RelayEnd>;
};

export type WorldOptions = {
  readonly clock?: Clock;
  readonly reads?: NodeRelayParts["reads"];
  readonly tls?: { readonly key: string; readonly cert: string; readonly maxVersion?: "TLSv1.2" };
};

export type World = {
  readonly relay: Relay;
  /** What every connection is counted in. */
  readonly tallies: Both<FlowTally>;
  readonly server: Server;
  readonly port: number;
  readonly backend: RawBackend;
  readonly ends: RelayEnd[];
  readonly target: Target;
  /** A client that has sent its request, and the Side that adopt gave. */
  readonly upgrade: (early?: Uint8Array) => Promise<{ readonly client: RawPeer; readonly side: Side }>;
  /** Hands over the Side of the next upgrade, for a client of the test's own. */
  readonly nextUpgrade: (take: (side: Side) => void) => void;
  readonly dial: () => Promise<{ readonly backend: RawPeer; readonly side: Side }>;
  readonly open: (settings?: Partial<RelaySettings>, early?: Uint8Array) => Promise<Lane>;
  readonly start: (
    sides: { readonly client: Side; readonly backend: Side },
    settings?: Partial<RelaySettings>,
  ) => { readonly id: RelayId; readonly end: Promise<RelayEnd> };
  readonly close: () => Promise<void>;
};

/** A server whose upgrades are adopted, and a backend, both on loopback. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const ends: RelayEnd[] = [];
  const waiting = new Map<RelayId, (end: RelayEnd) => void>();
  const parts = { clock: options.clock ?? systemClock, random: Math.random, reads: options.reads ?? "shared" } as const;
  const relay = createNodeRelay(parts)((end) => {
    ends.push(end);
    waiting.get(end.id)?.(end);
  });
  const tallies = createFlowTallies();
  const adopted: Side[] = [];
  const server = options.tls ? createHttpsServer(options.tls) : createHttpServer();
  const arrivals: ((side: Side) => void)[] = [];
  server.on("upgrade", (_request, stream, head) => {
    const side = relay.adopt(stream, head, 16_384);
    const arrival = arrivals.shift();
    if (arrival) arrival(side);
    else adopted.push(side);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const backend = await listenRaw();
  const target: Target = { address: "127.0.0.1", port: backend.port, connectMs: 5000, held: 16_384, tls: null };
  const connect = options.tls ? () => connectSecure(port) : () => connectRaw(port);
  const upgrade: World["upgrade"] = async (early = new Uint8Array(0)) => {
    const client = await connect();
    const arrival = new Promise<Side>((resolve) => {
      arrivals.push(resolve);
    });
    await client.send(Buffer.concat([Buffer.from(REQUEST), early]));
    return { client, side: await arrival };
  };
  let dialled = 0;
  const dial: World["dial"] = async () => {
    const index = dialled;
    dialled += 1;
    const side = await relay.dial(target, new AbortController().signal);
    return { backend: await backend.connection(index), side };
  };
  const start: World["start"] = (sides, settings = {}) => {
    const id = relay.start(sides, Buffer.from(ANSWER), { ...SETTINGS, ...settings }, tallies);
    const end = new Promise<RelayEnd>((resolve) => {
      waiting.set(id, resolve);
    });
    return { id, end };
  };
  return {
    relay,
    tallies,
    server,
    port,
    backend,
    ends,
    target,
    upgrade,
    nextUpgrade: (take) => {
      arrivals.push(take);
    },
    dial,
    start,
    open: async (settings = {}, early = new Uint8Array(0)) => {
      const { client, side } = await upgrade(early);
      const { backend: peer, side: backendSide } = await dial();
      const sides = { client: side, backend: backendSide };
      const { id, end } = start(sides, settings);
      const clientGot = (): Buffer => client.received().subarray(ANSWER.length);
      return {
        id,
        client,
        backend: peer,
        sides,
        end,
        clientGot,
        clientGets: async (wanted) => {
          await client.until((bytes) => holds(bytes.subarray(ANSWER.length), wanted));
          return clientGot();
        },
        backendGets: async (wanted) => peer.until((bytes) => holds(bytes, wanted)),
      };
    },
    close: async () => {
      await relay.stop();
      await backend.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function holds(bytes: Buffer, wanted: number | Uint8Array): boolean {
  return typeof wanted === "number" ? bytes.length >= wanted : bytes.includes(wanted);
}

/** Making a context for each client costs more than its handshake. */
const clientContext = createSecureContext();

async function connectSecure(port: number): Promise<RawPeer> {
  const options = {
    port,
    host: "127.0.0.1",
    rejectUnauthorized: false,
    allowHalfOpen: true,
    secureContext: clientContext,
  };
  const socket = connectTls(options);
  const peer = wrapSocket(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
  });
  return { ...peer, reset: () => reset(socket) };
}

/** A Close frame as a peer writes it. */
export function closeFrame(from: "client" | "backend", code: number, reason = ""): Uint8Array {
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
  return makeFrame(from, { opcode: 8, payload });
}

/** What a peer received, as a test reads it: `text:hello`, `close:1000 bye`; `rest:n` for bytes of an unfinished frame. */
export function spell(bytes: Uint8Array): readonly string[] {
  const { frames, rest } = parseFrames(bytes);
  const names = new Map([
    [0, "more"],
    [1, "text"],
    [2, "binary"],
    [8, "close"],
    [9, "ping"],
    [10, "pong"],
  ]);
  const spelled = frames.map(({ opcode, payload }) => {
    const body = Buffer.from(payload);
    const isClose = opcode === 8 && body.length > 1;
    const said = isClose ? `${body.readUInt16BE()} ${body.toString("utf8", 2)}` : body.toString();
    return `${names.get(opcode) ?? opcode}:${said.trim()}`;
  });
  return rest.length > 0 ? [...spelled, `rest:${rest.length}`] : spelled;
}

/** Resolves once this many bytes came in all; for megabytes, which RawPeer.until would join anew for every read. */
export function readAll({ socket, received }: RawPeer, length: number): Promise<void> {
  let read = received().length;
  return untilRead(socket, (chunk) => {
    read += chunk.length;
    return read >= length;
  });
}

/** Resolves once what came last is `tail`; as readAll, for megabytes. */
export function readUntilTail({ socket, received }: RawPeer, tail: Uint8Array): Promise<void> {
  let last: Buffer = received().subarray(-tail.length);
  return untilRead(socket, (chunk) => {
    last = Buffer.concat([last, chunk.subarray(-tail.length)]).subarray(-tail.length);
    return last.equals(tail);
  });
}

/** `isDone` hears of every chunk, and first of an empty one. */
function untilRead(socket: Socket, isDone: (chunk: Buffer) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (chunk: Buffer): void => {
      if (!isDone(chunk)) return;
      socket.off("data", look);
      resolve();
    };
    socket.on("data", look);
    look(Buffer.alloc(0));
  });
}
