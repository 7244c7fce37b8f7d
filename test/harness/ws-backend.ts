import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";

/** The end of a WebSocket as its server saw it: 1005 for a Close without a code, 1006 without a Close. */
export type WsBackendEnd = { readonly code: number; readonly reason: string };

/** A server of the library `ws`. Without a `connected` of its own it echoes. */
export type WsBackend = {
  readonly port: number;
  readonly address: string;
  /** WebSockets that were ever opened here. */
  readonly total: () => number;
  readonly open: () => number;
  readonly ends: readonly WsBackendEnd[];
  /** Resolves with the ends when there are so many. */
  readonly ended: (count: number) => Promise<readonly WsBackendEnd[]>;
  /** The heads of the handshakes, in order. */
  readonly handshakes: readonly IncomingMessage[];
  /** Stops listening and destroys every connection, so that the port refuses. */
  readonly kill: () => Promise<void>;
};

/** What a test may choose. */
export type WsBackendChoices = {
  readonly address?: string;
  readonly port?: number;
  readonly options?: ServerOptions;
  readonly connected?: (socket: WebSocket, request: IncomingMessage) => void;
  /** For plain requests; 200 with the path if absent. */
  readonly plain?: RequestListener;
};

/** Listens on loopback; closed after the test. */
export async function startWsBackend(choices: WsBackendChoices = {}): Promise<WsBackend> {
  const { address = "127.0.0.1", port = 0, connected = echo, plain = answerPath } = choices;
  const server = createServer(plain);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
  });
  const options = { perMessageDeflate: false, ...choices.options } as ServerOptions;
  const webSockets = new WebSocketServer({ ...options, server });
  const handshakes: IncomingMessage[] = [];
  const ends: WsBackendEnd[] = [];
  const changes = new EventEmitter();
  webSockets.on("connection", (socket, request) => {
    handshakes.push(request);
    socket.on("error", () => undefined);
    socket.once("close", (code, reason) => {
      ends.push({ code, reason: reason.toString() });
      changes.emit("end");
    });
    connected(socket, request);
  });
  server.listen({ port, host: address, backlog: 4096 });
  await once(server, "listening");
  const kill = async (): Promise<void> => await shutDown(server, sockets);
  onTestFinished(kill);
  return {
    port: (server.address() as AddressInfo).port,
    address,
    total: () => handshakes.length,
    open: () => webSockets.clients.size,
    ends,
    ended: async (count) => {
      while (ends.length < count) await once(changes, "end");
      return ends;
    },
    handshakes,
    kill,
  };
}

function echo(socket: WebSocket): void {
  socket.on("message", (data, binary) => socket.send(data, { binary }));
}

const answerPath: RequestListener = (request, response) => {
  request.resume();
  response.end(`${request.method} ${request.url}`);
};

async function shutDown(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
