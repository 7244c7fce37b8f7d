import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { CodedError } from "../base/error-codes.ts";
import { describeRequest } from "./describe-request.ts";

/** What an echo server is called and where it listens. */
export type EchoOptions = {
  /** Told to every client: in `x-served-by`, and in what it answers. */
  readonly name: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
};

/** A listening echo server. */
export type EchoServer = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Stops listening and says 1001 to every client; resolves when all connections have ended, after a second at the latest. May be called again. */
  readonly close: () => Promise<void>;
};

/** The server cannot listen; the message says where and why. */
export class EchoListenError extends CodedError {
  override readonly name = "EchoListenError";
}

const maxMessageBytes = 16 * 1024 * 1024;
const maxUnsentBytes = 1024 * 1024;
const closeWaitMs = 1_000;
const goingAway = 1001;

/**
 * A small server to look at a proxy with. A WebSocket gets every message back as it was; with `?hello` in its URL it is
 * first told what its handshake looked like here. A plain request is answered with the same description as JSON.
 * Throws EchoListenError.
 */
export async function startEchoServer(options: EchoOptions): Promise<EchoServer> {
  const { name, host } = options;
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 60_000 }, (request, response) => {
    answer(name, request, response);
  });
  const sockets = new WebSocketServer({
    server,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  sockets.on("headers", (headers) => headers.push(`x-served-by: ${name}`));
  sockets.on("connection", (socket, request) => echo(name, socket, request));
  const port = await listen(server, sockets, options);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= shutDown(server, sockets);
    return closing;
  };
  return { name, host, port, close };
}

function echo(name: string, socket: WebSocket, request: IncomingMessage): void {
  // A broken peer is closed by ws itself; without a listener its error would end the process.
  socket.on("error", () => socket.terminate());
  if (new URLSearchParams(request.url?.split("?")[1]).has("hello")) {
    socket.send(JSON.stringify(describeRequest(name, request, 0)));
  }
  socket.on("message", (data, isBinary) => {
    socket.send(data, { binary: isBinary }, () => {
      if (socket.isPaused && socket.bufferedAmount <= maxUnsentBytes) socket.resume();
    });
    // A client that sends and does not read must not fill this process.
    if (socket.bufferedAmount > maxUnsentBytes) socket.pause();
  });
}

function answer(name: string, request: IncomingMessage, response: ServerResponse): void {
  let bodyBytes = 0;
  request.on("error", () => response.destroy());
  response.on("error", () => request.destroy());
  request.on("data", (chunk: Buffer) => {
    bodyBytes += chunk.length;
  });
  request.on("end", () => {
    const body = `${JSON.stringify(describeRequest(name, request, bodyBytes), null, 2)}\n`;
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "x-served-by": name,
    });
    response.end(body);
  });
}

async function listen(server: Server, sockets: WebSocketServer, { name, host, port }: EchoOptions): Promise<number> {
  return await new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const reason =
        error.code === "EADDRINUSE" ? "the port is in use by another process" : (error.code ?? error.message);
      const code = error.code === "EADDRINUSE" ? "AddressInUse" : "CannotListen";
      reject(new EchoListenError(code, `the echo server ${name} cannot listen on ${host}:${port}: ${reason}`));
    };
    // ws hands errors of its server on to itself, where they need a listener too.
    sockets.once("error", fail);
    server.listen({ host, port }, () => {
      sockets.off("error", fail);
      sockets.on("error", () => undefined);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function shutDown(server: Server, sockets: WebSocketServer): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  for (const socket of sockets.clients) socket.close(goingAway, "server shutting down");
  const timer = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
  }, closeWaitMs);
  await closed;
  clearTimeout(timer);
}
