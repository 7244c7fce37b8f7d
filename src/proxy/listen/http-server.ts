import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type FailureName, ProxyError } from "../../base/failures.ts";
import type { Arrival } from "../../base/request-facts.ts";
import { readArrival } from "./arrival.ts";
import { answerFailure, failureOf } from "./client-error.ts";

/** Limits of request heads and idle connections; times in ms. */
export type HttpSettings = {
  readonly maxHeaderBytes: number;
  /** From the connection, or the first byte of a later request, to the end of its head. */
  readonly headMs: number;
  /** How long a connection without a request is kept; the idle timeouts of load balancers in front should be shorter. */
  readonly keepAliveMs: number;
};

/** The settings of 02-protocol: heads of 16 KiB in 10 s, 75 s between requests. */
export const HTTP_DEFAULTS: HttpSettings = { maxHeaderBytes: 16_384, headMs: 10_000, keepAliveMs: 75_000 };

/** What becomes of requests. None of these may throw; one that does costs its connection alone. */
export type HttpHandlers = {
  /** Which requests with an Upgrade field are given to `upgrade`; all others are plain requests. */
  readonly isUpgrade: (request: IncomingMessage) => boolean;
  /**
   * A plain request. With `Expect` nothing was answered yet: call writeContinue() or refuse. When its body turns out to
   * be unreadable, the request emits 'error' with a ProxyError: refuse it, if its response has not begun.
   */
  readonly request: (request: IncomingMessage, response: ServerResponse, arrival: Arrival) => void;
  /** Nobody else reads or writes `socket` any more; an error listener must be attached synchronously. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, arrival: Arrival) => void;
  /** A request whose head could not be read; the id that it is reported by is returned, and named by its answer. */
  readonly rejected: (failure: FailureName, detail: string, arrival: Arrival) => string;
  /** A handler threw: a defect of ours. */
  readonly crashed: (error: unknown, arrival: Arrival) => void;
};

/** Speaks HTTP/1.1 on connections that somebody else accepted. */
export type HttpServer = {
  /** Takes a connection over, a net.Socket or a TLSSocket after its handshake. */
  readonly receive: (socket: Socket) => void;
  /** From now on every response says `Connection: close`. */
  readonly refuseReuse: () => void;
  /** Closes connections on which no request is being answered, now and as they become so. */
  readonly closeIdle: () => void;
  /** Destroys every connection that was not upgraded. */
  readonly cut: () => void;
};

/** Makes an HTTP server without a port of its own. */
export function createHttpServer(settings: HttpSettings, handlers: HttpHandlers): HttpServer {
  const server = createServer({
    insecureHTTPParser: false,
    maxHeaderSize: settings.maxHeaderBytes,
    headersTimeout: settings.headMs,
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(1000, settings.headMs),
    keepAliveTimeout: settings.keepAliveMs,
    // The reader of requests judges Host, so that this refusal is reported like every other.
    requireHostHeader: false,
    shouldUpgradeCallback: handlers.isUpgrade,
  });
  const connections = new Connections(server, handlers);
  // A server without a port is told that it listens, or it would not enforce headersTimeout.
  server.emit("listening");
  return {
    receive: (socket) => connections.receive(socket),
    refuseReuse: () => connections.refuseReuse(),
    closeIdle: () => connections.closeIdle(),
    cut: () => server.closeAllConnections(),
  };
}

class Connections {
  readonly #server: Server;
  readonly #handlers: HttpHandlers;
  readonly #arrivals = new WeakMap<Duplex, Arrival>();
  readonly #unanswered = new WeakMap<Duplex, number>();
  readonly #latest = new WeakMap<Duplex, { readonly request: IncomingMessage; readonly response: ServerResponse }>();
  readonly #failed = new WeakSet<Duplex>();
  /** How much had been read when the last request was answered, or none had come yet. */
  readonly #quietAt = new WeakMap<Duplex, number>();
  readonly #responses = new Set<ServerResponse>();
  #reuse = true;
  #idleAllowed = true;

  constructor(server: Server, handlers: HttpHandlers) {
    this.#server = server;
    this.#handlers = handlers;
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => this.#request(request, response);
    server.on("request", onRequest);
    server.on("checkContinue", onRequest);
    server.on("checkExpectation", onRequest);
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    server.on("connect", (_request, socket) => this.#fail(socket, "MethodNotAllowed", "CONNECT is not served"));
    server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      this.#fail(socket, failureOf(error), error.code ?? error.message);
    });
  }

  receive(socket: Socket): void {
    socket.setKeepAlive(true, 15_000, 5_000, 3);
    this.#arrivals.set(socket, readArrival(socket));
    this.#quietAt.set(socket, socket.bytesRead);
    this.#server.emit("connection", socket);
  }

  refuseReuse(): void {
    this.#reuse = false;
    for (const response of this.#responses) response.shouldKeepAlive = false;
  }

  closeIdle(): void {
    this.refuseReuse();
    this.#idleAllowed = false;
    this.#server.closeIdleConnections();
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 0) + 1);
    this.#latest.set(socket, { request, response });
    this.#responses.add(response);
    response.once("close", () => {
      this.#quietAt.set(socket, socket.bytesRead);
      this.#answered(socket, response);
    });
    if (!this.#reuse) response.shouldKeepAlive = false;
    this.#guard(socket, (arrival) => this.#handlers.request(request, response, arrival));
  }

  #answered(socket: Duplex, response: ServerResponse): void {
    this.#responses.delete(response);
    this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1);
    if (!this.#idleAllowed) this.#server.closeIdleConnections();
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // With a body outstanding, Node 26 hands out a stream of its own in place of the connection.
    const { socket } = request;
    // A 101 would overtake the answers to the requests before it.
    if (this.#isAnswering(socket)) this.#fail(socket, "BadRequest", "an upgrade behind an unanswered request");
    else this.#guard(socket, (arrival) => this.#handlers.upgrade(request, stream, head, arrival));
  }

  #fail(socket: Duplex, failure: FailureName, detail: string): void {
    if (this.#failed.has(socket)) return;
    this.#failed.add(socket);
    if (this.#failBody(socket, failure, detail)) return;
    if (this.#isNoRequest(socket, failure)) {
      socket.destroy();
      return;
    }
    this.#guard(socket, (arrival) => {
      const id = this.#handlers.rejected(failure, detail, arrival);
      // Our answer would land in the middle of another one.
      if (this.#isAnswering(socket)) socket.destroy();
      else answerFailure(socket, failure, id);
    });
  }

  #isNoRequest(socket: Duplex, failure: FailureName): boolean {
    if (!(socket instanceof Socket) || socket.bytesRead !== this.#quietAt.get(socket)) return false;
    // Health checks and kept-alive clients leave by a reset; nobody had asked for anything.
    if (failure === "ClientGone") return true;
    // Browsers connect ahead of requests that never come. Behind an answered one, half a head may have been read with it.
    return failure === "RequestTimeout" && !this.#latest.has(socket);
  }

  // A body that cannot be read is told to whoever answers its request, who also reports it: the request fails as a stream does.
  #failBody(socket: Duplex, failure: FailureName, detail: string): boolean {
    const latest = this.#latest.get(socket);
    if (latest === undefined || latest.request.complete || latest.response.writableEnded) return false;
    if (latest.response.headersSent) socket.destroy();
    else latest.request.emit("error", new ProxyError(failure, detail));
    return true;
  }

  #isAnswering(socket: Duplex): boolean {
    return (this.#unanswered.get(socket) ?? 0) > 0 || socket.writableLength > 0;
  }

  #guard(socket: Duplex, handle: (arrival: Arrival) => void): void {
    const arrival = this.#arrivals.get(socket);
    if (arrival === undefined) {
      socket.destroy();
      return;
    }
    try {
      handle(arrival);
    } catch (error) {
      socket.destroy();
      this.#handlers.crashed(error, arrival);
    }
  }
}
