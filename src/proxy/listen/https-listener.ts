import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../../base/ports.ts";
import type { HostTlsIndex } from "../../table/select-host-tls.ts";
import { readArrival } from "./arrival.ts";
import type { ListenAddress } from "./bind.ts";
import { type Listener, type ListenerPorts, openPort } from "./http-listener.ts";
import { createHttpServer, type HttpHandlers, type HttpSettings } from "./http-server.ts";
import { type Peeked, peekClientHello } from "./peek-client-hello.ts";
import { createTlsServers, type TlsSettings } from "./tls-servers.ts";

/** How HTTPS is served, and by which certificates at this moment. */
export type HttpsSettings = HttpSettings & {
  readonly tls: TlsSettings;
  readonly hostTls: () => HostTlsIndex;
};

// Fatal alerts (RFC 8446 6.2) in a record of their own: level 2, then the description.
const ALERT = { decodeError: 50, unrecognizedName: 112 } as const;

/** Opens a port for HTTPS and wss. Rejects with an error that names the address when it cannot be had. */
export async function startHttpsListener(
  address: ListenAddress,
  settings: HttpsSettings,
  handlers: HttpHandlers,
  ports: ListenerPorts & { readonly clock: Clock },
): Promise<Listener> {
  const http = createHttpServer(settings, handlers);
  const onSecured = (socket: TLSSocket): void => {
    ports.doorkeeper.secured(readArrival(socket));
    http.receive(socket);
  };
  const tls = createTlsServers(settings.hostTls, settings.tls, onSecured, ports.log);
  const arriving = new Set<Socket>();
  const onPeeked = (socket: Socket, peeked: Peeked): void => {
    arriving.delete(socket);
    if (peeked.type === "gone" || peeked.type === "not-tls") socket.destroy();
    else if (peeked.type === "malformed") sendAlert(socket, ALERT.decodeError);
    else if (!tls.receive(socket, peeked.serverName)) sendAlert(socket, ALERT.unrecognizedName);
  };
  const receive = (socket: Socket): void => {
    arriving.add(socket);
    peekClientHello(socket, settings.tls.handshakeMs, ports.clock, (peeked) => onPeeked(socket, peeked));
  };
  const port = await openPort(address, { ...ports, secure: true, receive, rejected: handlers.rejected });
  return {
    address: port.address,
    refuseReuse: http.refuseReuse,
    stopAccepting: () => {
      port.close();
      http.closeIdle();
    },
    cut: () => {
      for (const socket of arriving) socket.destroy();
      http.cut();
    },
  };
}

function sendAlert(socket: Socket, description: number): void {
  socket.end(Uint8Array.of(21, 3, 3, 0, 2, 2, description));
  socket.resume();
  socket.setTimeout(1000, () => socket.destroy());
}
