import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { createReadTap, dialledSide, type ReadTap, type SideParts } from "./open-side.ts";
import { DialError, type Side, type Target } from "./relay.ts";

/** What a backend may ask of us in its TLS handshake: a certificate and its key, in PEM. */
export type Identity = { readonly certificate: string; readonly key: string };

/** Finds the client identity that a Target names; null when it is not there. */
export type FindIdentity = (identityId: string) => Identity | null;

/** Connects to an endpoint, with TLS if asked. Rejects with a DialError, or with the signal's reason when it aborts. */
export function dial(parts: SideParts, findIdentity: FindIdentity, target: Target, signal: AbortSignal): Promise<Side> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  const tap = parts.readBuffer === null ? null : createReadTap();
  const socket = open(target, parts.readBuffer, tap, findIdentity);
  return new Promise((resolve, reject) => {
    let connected = false;
    const settle = (): void => {
      timer.stop();
      socket.off("error", onError);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: Error): void => {
      settle();
      // A stray error after this has nobody to tell, but must not end the process.
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => fail(signal.reason as Error);
    const onError = (error: NodeJS.ErrnoException): void => fail(dialError(target, connected, error));
    const timer = parts.clock.after(target.connectMs, () =>
      fail(new DialError("timeout", `not connected after ${target.connectMs} ms`)),
    );
    signal.addEventListener("abort", onAbort);
    socket.once("connect", () => {
      connected = true;
    });
    socket.once("error", onError);
    socket.once(target.tls === null ? "connect" : "secureConnect", () => {
      settle();
      resolve(dialledSide(parts.clock, socket, tap, target.held));
    });
  });
}

function open(target: Target, buffer: Uint8Array | null, tap: ReadTap | null, findIdentity: FindIdentity): Socket {
  const { address: host, port, tls } = target;
  const onread = buffer === null || tap === null ? {} : { onread: { buffer, callback: tap.onRead } };
  // An IP literal needs no race between addresses, whose timeout would replace connectMs.
  const options = { host, port, noDelay: true, allowHalfOpen: true, autoSelectFamily: false, ...onread };
  if (tls === null) return connect(options);
  const identity = tls.identityId === null ? null : findIdentity(tls.identityId);
  return connectTls({
    ...options,
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: tls.verify,
    ...(tls.serverName === null ? {} : { servername: tls.serverName }),
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(identity === null ? {} : { cert: identity.certificate, key: identity.key }),
  });
}

function dialError(target: Target, connected: boolean, error: NodeJS.ErrnoException): DialError {
  const kind = target.tls !== null && connected ? "tls" : "connect";
  return new DialError(kind, error.message, error.code ?? null);
}
