import { once } from "node:events";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";

/** Which name is asked for, and at most which version of TLS is spoken. */
export type SessionWay = Pick<ConnectionOptions, "servername" | "maxVersion">;

/** A connection that goes on, and what its server gave for the next one. */
export type Begun = { readonly socket: TLSSocket; readonly session: Buffer };

/** Opens a connection, and waits for the ticket: with TLS 1.3 it comes after the handshake. */
export async function beginSession(port: number, way: SessionWay): Promise<Begun> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...way });
  onTestFinished(() => void socket.destroy());
  const [[session]] = await Promise.all([once(socket, "session"), once(socket, "secureConnect")]);
  return { socket, session: session as Buffer };
}

/** Whether a server takes up a session that it, or another, began. Fails if it does not answer a request all the same. */
export async function isResumed(port: number, session: Buffer, way: SessionWay): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, session, ...way });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  const resumed = socket.isSessionReused();
  await isAnswered(socket);
  socket.destroy();
  return resumed;
}

/** Resolves when a request on this connection is answered. */
export async function isAnswered(socket: TLSSocket): Promise<boolean> {
  const answer = once(socket, "data");
  socket.write("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  const [bytes] = (await answer) as [Buffer];
  return bytes.toString("latin1").startsWith("HTTP/1.1 ");
}
