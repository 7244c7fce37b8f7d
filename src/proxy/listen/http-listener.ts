import { createServer, type Server, type Socket } from "node:net";
import type { Log } from "../../base/ports.ts";
import { readArrival } from "./arrival.ts";
import { bind, formatAddress, type ListenAddress } from "./bind.ts";
import type { Doorkeeper } from "./doorkeeper.ts";
import { createHttpServer, type HttpHandlers, type HttpSettings } from "./http-server.ts";

/** An open port. */
export type Listener = {
  /** With the port that was picked, if 0 was asked for. */
  readonly address: ListenAddress;
  /** From now on every response says `Connection: close`; connections are still accepted. */
  readonly refuseReuse: () => void;
  /** Closes the port and every connection without a request, now and as they become so. Answers go on, and upgraded connections are not touched. */
  readonly stopAccepting: () => void;
  /** Destroys what stopAccepting left, except upgraded connections. */
  readonly cut: () => void;
};

/** What a listener uses of the rest of the process. */
export type ListenerPorts = { readonly log: Log; readonly doorkeeper: Doorkeeper };

/** Opens a port for plain HTTP and ws. Rejects with an error that names the address when it cannot be had. */
export async function startHttpListener(
  address: ListenAddress,
  settings: HttpSettings,
  handlers: HttpHandlers,
  ports: ListenerPorts,
): Promise<Listener> {
  const http = createHttpServer(settings, handlers);
  const { rejected } = handlers;
  const port = await openPort(address, {
    ...ports,
    rejected,
    secure: false,
    receive: (socket) => http.receive(socket),
  });
  return {
    address: port.address,
    refuseReuse: http.refuseReuse,
    stopAccepting: () => {
      port.close();
      http.closeIdle();
    },
    cut: http.cut,
  };
}

/** A port that hands its connections on. */
export type OpenPort = { readonly address: ListenAddress; readonly close: () => void };

/** What becomes of connections that come in at a port. */
export type PortParts = ListenerPorts & {
  /** Whether TLS is spoken here. */
  readonly secure: boolean;
  readonly receive: (socket: Socket) => void;
  readonly rejected: HttpHandlers["rejected"];
};

/** Listens, and gives every connection that the doorkeeper lets in to `receive`, with an error listener attached. */
export async function openPort(address: ListenAddress, parts: PortParts): Promise<OpenPort> {
  const { doorkeeper, secure, receive, rejected } = parts;
  const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: 16_384 }, (socket) => {
    // Whoever takes the connection over adds a listener of its own; until then an RST must not end the process.
    socket.on("error", () => socket.destroy());
    const arrival = { ...readArrival(socket), secure };
    const failure = doorkeeper.enter(socket, arrival);
    if (failure === null) return receive(socket);
    // An RST leaves nothing behind: no lingering state, and no doubt at the client.
    socket.resetAndDestroy();
    rejected(failure, "closed at accept", arrival);
  });
  const bound = await bind(server, address);
  reportAcceptErrors(server, formatAddress(bound), parts.log);
  return { address: bound, close: () => server.close() };
}

// Without file descriptors each attempt to accept fails, and each would be a line in the log.
function reportAcceptErrors(server: Server, address: string, log: Log): void {
  let failures = 0;
  server.on("error", (error: NodeJS.ErrnoException) => {
    failures += 1;
    if (Number.isInteger(Math.log2(failures))) {
      log.error({ address, failures, code: error.code ?? error.message }, "a connection could not be accepted");
    }
  });
}
