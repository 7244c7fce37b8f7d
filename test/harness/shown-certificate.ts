import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";

/** The SHA-256 fingerprint of the certificate that a new connection is shown. */
export async function shownCertificate(port: number, servername: string): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", servername, rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect");
    return socket.getPeerCertificate().fingerprint256;
  } finally {
    socket.destroy();
  }
}

/** The same of a PEM chain. */
export function fingerprintOf({ chain }: { readonly chain: string }): string {
  return new X509Certificate(chain).fingerprint256;
}
