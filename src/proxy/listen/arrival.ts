import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Arrival } from "../../base/request-facts.ts";
import { normaliseServerName } from "./client-hello.ts";

/** Where a connection came in. Ask while the peer is still there: of a reset socket the addresses are empty and the ports 0. */
export function readArrival(socket: Socket): Arrival {
  const secure = socket instanceof TLSSocket;
  return {
    peerAddress: unmap(socket.remoteAddress ?? ""),
    peerPort: socket.remotePort ?? 0,
    localAddress: unmap(socket.localAddress ?? ""),
    localPort: socket.localPort ?? 0,
    secure,
    serverName: secure && socket.servername ? normaliseServerName(socket.servername) : null,
  };
}

// A socket that listens for both families shows IPv4 peers in their mapped form (RFC 4291 2.5.5.2), which no CIDR would match.
function unmap(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
