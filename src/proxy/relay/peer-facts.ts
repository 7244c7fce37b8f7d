import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { PeerFacts } from "./relay.ts";

/** A stream that is no socket has no address. */
const NOWHERE: PeerFacts = { address: "", port: 0, localAddress: "", localPort: 0, tls: null };

/** Copies what is to be known of a connected peer, so that nobody needs to ask its socket later. */
export function peerFacts(stream: Duplex): PeerFacts {
  if (!(stream instanceof Socket)) return NOWHERE;
  const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = stream;
  const tls = stream instanceof TLSSocket ? tlsFacts(stream) : null;
  return { address: remoteAddress, port: remotePort, localAddress, localPort, tls };
}

function tlsFacts(socket: TLSSocket): PeerFacts["tls"] {
  const certificate = socket.getPeerX509Certificate?.();
  // Absent from the public types on the server's side, where it is the name of the ClientHello, or false.
  const { servername } = socket as { servername?: string | false };
  return {
    serverName: typeof servername === "string" && servername !== "" ? servername.toLowerCase() : null,
    protocol: socket.getProtocol() ?? "",
    cipher: socket.getCipher()?.name ?? "",
    alpn: typeof socket.alpnProtocol === "string" ? socket.alpnProtocol : null,
    certificate: certificate ? new Uint8Array(certificate.raw) : null,
  };
}
