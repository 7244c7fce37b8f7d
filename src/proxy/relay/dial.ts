import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { messageOf } from "../../base/message-of.ts";
import type { DialContexts } from "./dial-contexts.ts";
import { createReadTap, dialledSide, type ReadTap, type SideParts } from "./open-side.ts";
import { DialError, type Side, type Target } from "./relay.ts";

/** What dialling needs. */
export type DialParts = SideParts & { readonly contexts: DialContexts };

/** Connects to an endpoint, with TLS if asked. Rejects with a DialError, or with the signal's reason when it aborts. */
export function dial(parts: DialParts, target: Target, signal: AbortSignal): Promise<Side> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  const tap = parts.readBuffer === null ? null : createReadTap();
  const socket = tryOpen(target, parts, tap);
  if (socket instanceof DialError) return Promise.reject(socket);
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

/** A certificate that cannot be read is a failure of the dial, not of the caller. */
function tryOpen(target: Target, parts: DialParts, tap: ReadTap | null): Socket | DialError {
  try {
    return open(target, parts, tap);
  } catch (error) {
    return new DialError("tls", messageOf(error));
  }
}

function open({ address: host, port, tls }: Target, parts: DialParts, tap: ReadTap | null): Socket {
  const { readBuffer: buffer, contexts } = parts;
  const onread = buffer === null || tap === null ? {} : { onread: { buffer, callback: tap.onRead } };
  // An IP literal needs no race between addresses, whose timeout would replace connectMs.
  const options = { host, port, noDelay: true, allowHalfOpen: true, autoSelectFamily: false, ...onread };
  if (tls === null) return connect(options);
  return connectTls({
    ...options,
    secureContext: contexts.find(tls),
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: tls.verify,
    ...(tls.serverName === null ? {} : { servername: tls.serverName }),
  });
}

function dialError(target: Target, connected: boolean, error: NodeJS.ErrnoException): DialError {
  const kind = target.tls !== null && connected ? "tls" : "connect";
  return new DialError(kind, error.message, error.code ?? null);
}
