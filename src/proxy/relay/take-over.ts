import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { announceMove } from "../../base/connection-life.ts";

/** The parts of Node's internal TCP handle that this file, alone, touches. */
type TcpHandle = {
  reading?: boolean;
  readStop: () => number;
  readonly writeQueueSize?: number;
  readonly reset?: (closed: () => void) => number;
  readonly _parent?: TcpHandle | null;
  readonly useUserBuffer?: (buffer: Uint8Array) => void;
};
type SocketInsides = { _handle?: TcpHandle | null; readonly _httpMessage?: object | null; readonly _parent?: unknown };

/** Called for each read with the shared buffer; its bytes are gone when the call returns. */
export type OnRead = (length: number, buffer: Uint8Array) => boolean;

/**
 * Moves the idle plain TCP connection of an http server's 'upgrade' to a socket that reads into `buffer`, which many
 * sockets share. Null where that cannot be done safely: TLS, another kind of stream, bytes already read or waiting to
 * be written, a Node whose insides differ. Nothing was touched then, and the stream is used as it is.
 */
export function takeOver(stream: Duplex, buffer: Uint8Array, onRead: OnRead): Socket | null {
  if (!isIdlePlainSocket(stream)) return null;
  const insides = stream as Socket & SocketInsides;
  const handle = insides._handle;
  if (!handle || handle.constructor.name !== "TCP" || typeof handle.readStop !== "function") return null;
  handle.reading = false;
  if (handle.readStop() !== 0) return null;
  insides._handle = null;
  // `handle` is how Node itself makes the sockets of a server; it is absent from the public types.
  const options = { handle, onread: { buffer, callback: onRead }, allowHalfOpen: true, noDelay: false };
  const taken = new Socket(options as object);
  announceMove(stream, taken);
  // Without its handle the old socket closes nothing; destroying it keeps the server's count of connections right.
  stream.destroy();
  return taken;
}

/** Where a Socket keeps its `onread` buffer and callback; undefined in a Node whose insides differ. */
const [BUFFER, CALLBACK] = ((): readonly (symbol | undefined)[] => {
  const symbols = Object.getOwnPropertySymbols(new Socket());
  return ["kBuffer", "kBufferCb"].map((name) => symbols.find(({ description }) => description === name));
})();

/**
 * Has a TLS connection read into `buffer`, which many sockets share, as the `onread` option would have if it could be
 * given to the sockets of a server. The TLSSocket stays what it is. False where that cannot be done; nothing was touched then.
 */
export function readInto(stream: Duplex, buffer: Uint8Array, onRead: OnRead): boolean {
  if (!(stream instanceof TLSSocket) || stream.destroyed || stream.readableEnded || stream.readableLength > 0)
    return false;
  const { _handle: handle } = stream as SocketInsides;
  if (BUFFER === undefined || CALLBACK === undefined || typeof handle?.useUserBuffer !== "function") return false;
  if (Reflect.get(stream, BUFFER) !== null) return false;
  Object.assign(stream, { [BUFFER]: buffer, [CALLBACK]: onRead });
  handle.useUserBuffer(buffer);
  return true;
}

function isIdlePlainSocket(stream: Duplex): stream is Socket {
  if (!(stream instanceof Socket) || stream instanceof TLSSocket) return false;
  if (stream.destroyed || stream.readableEnded || !stream.writable) return false;
  return stream.readableLength === 0 && stream.writableLength === 0;
}

/** True when an earlier answer on this connection is not finished: a 101 now would overtake it. */
export function owesAnAnswer(stream: Duplex): boolean {
  const message = (stream as SocketInsides)._httpMessage;
  return stream.writableLength > 0 || (message !== null && message !== undefined);
}

/** Bytes handed to the system's socket that it has not taken yet; null where Node does not tell. */
export function unsentBytes(stream: Duplex): number | null {
  const handle = (stream as SocketInsides)._handle;
  const tcp = handle?._parent ?? handle;
  return typeof tcp?.writeQueueSize === "number" ? tcp.writeQueueSize : null;
}

/** Closes the TCP connection under a TLSSocket with an RST, and then the TLSSocket. */
export function resetBeneathTls(stream: TLSSocket): void {
  const { _parent: accepted, _handle: handle } = stream as SocketInsides;
  if (accepted instanceof Socket) {
    accepted.resetAndDestroy();
    stream.destroy();
    return;
  }
  // A TLSSocket that dialled has no socket beneath, only a handle; once that is closed, nobody else says 'close'.
  handle?._parent?.reset?.(() => stream.emit("close", false));
  stream.destroy();
}
