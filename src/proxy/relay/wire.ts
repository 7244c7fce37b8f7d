import type { Duplex } from "node:stream";
import type { SideEnd } from "../../base/endings.ts";
import { reset } from "./reset.ts";
import { unsentBytes } from "./take-over.ts";

/** Whoever drives a wire: first the Side that holds early bytes, then the pair that relays. */
export type WireOwner = {
  /** `bytes[0..length)` was read. When `shared`, it must be copied before this returns. */
  readonly onBytes: (bytes: Uint8Array, length: number, shared: boolean) => void;
  /** The peer's FIN, after its last byte. */
  readonly onEnd: () => void;
  /** Every byte handed over was taken, or refused: see `writeErrno`. */
  readonly onTaken: () => void;
  /** The connection is gone; nothing follows. */
  readonly onClosed: () => void;
};

/**
 * One peer's connection. Unlike a Socket's, its failed writes end only its write half: bytes that the peer sent before
 * still arrive. It closes by itself once the peer's FIN was read and `end` was called or writing failed.
 */
export class Wire {
  readonly stream: Duplex;
  owner: WireOwner;
  /** Bytes given to `write`, and those of them that the system took. */
  handedBytes = 0;
  takenBytes = 0;
  /** Why writing failed, such as EPIPE; null while it works. */
  writeErrno: string | null = null;
  /** Why the connection broke, such as ECONNRESET; null when it did not. */
  errno: string | null = null;
  eof = false;
  closed = false;
  paused = false;
  #ended = false;
  #cut = false;
  #writing = false;
  #inFlight = 0;
  #written: ((error?: Error | null) => void) | null = null;

  constructor(stream: Duplex, owner: WireOwner, shared: boolean) {
    this.stream = stream;
    this.owner = owner;
    stream.allowHalfOpen = true;
    this.#guardWrites();
    if (!shared) stream.on("data", (bytes: Buffer) => this.owner.onBytes(bytes, bytes.length, false));
    stream.on("end", () => this.#onEnd());
    stream.on("error", (error: NodeJS.ErrnoException) => {
      this.errno ??= error.code ?? error.name;
    });
    stream.on("close", () => this.#onClose());
  }

  /** Starts reading, or goes on after `pause`. */
  resume(): void {
    this.paused = false;
    if (!this.closed) this.stream.resume();
  }

  /** Stops reading; neither a FIN nor an RST is seen until `resume`. */
  pause(): void {
    if (this.paused || this.closed) return;
    this.paused = true;
    this.stream.pause();
  }

  /** True when bytes can be given to `write` and will be tried. */
  get writable(): boolean {
    return !this.#ended && !this.closed && this.writeErrno === null && !this.stream.destroyed;
  }

  /** Bytes given to `write` that the system has not taken: while above zero, their memory must stay as it is. */
  get pendingBytes(): number {
    return this.closed ? 0 : this.stream.writableLength;
  }

  /** As pendingBytes, but falling with each byte that the system takes of a large write. */
  get unsentBytes(): number {
    const pending = this.pendingBytes;
    return pending === 0
      ? 0
      : pending - this.#inFlight + Math.min(this.#inFlight, unsentBytes(this.stream) ?? this.#inFlight);
  }

  /** Writes, at once if nothing is pending. The bytes must not change while pendingBytes is above zero. */
  write(bytes: Uint8Array): void {
    this.handedBytes += bytes.length;
    if (!this.writable) return;
    this.#writing = true;
    this.stream.write(bytes);
    this.#writing = false;
  }

  /** FIN, after what was written. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.stream.destroyed) this.stream.end();
  }

  get endCalled(): boolean {
    return this.#ended;
  }

  /** RST now; what was not sent is lost. */
  reset(): void {
    this.#cut = true;
    reset(this.stream);
  }

  /** Closes without waiting for anything: a FIN where nothing is unread, else an RST. */
  destroy(): void {
    this.#cut = true;
    this.stream.destroy();
  }

  /** How this half ended, once closed. */
  get ending(): SideEnd["ended"] {
    if (this.eof && this.errno === null) return "fin";
    if (this.errno === "ETIMEDOUT") return "timeout";
    if (this.errno !== null && /^ERR_SSL|^ERR_TLS|^EPROTO/.test(this.errno)) return "tls-error";
    return this.#cut && this.errno === null ? "cut" : "reset";
  }

  #onEnd(): void {
    this.eof = true;
    this.owner.onEnd();
  }

  #onClose(): void {
    if (this.closed) return;
    this.closed = true;
    this.owner.onClosed();
  }

  /** Readable and writable halves share their errors in Node: so the stream never hears of a failed write. */
  #guardWrites(): void {
    const stream = this.stream;
    const write = stream._write.bind(stream);
    const final = stream._final.bind(stream);
    const done = (error?: Error | null): void => this.#onWritten(error);
    stream._write = (chunk, encoding, callback) => {
      this.#written = callback;
      this.#inFlight = chunk.length;
      if (this.writeErrno === null) write(chunk, encoding, done);
      else done();
    };
    // One write at a time: the outlet joins what waits.
    Reflect.set(stream, "_writev", null);
    stream._final = (callback) => {
      if (this.writeErrno === null) final(() => callback());
      else callback();
    };
  }

  #onWritten(error?: Error | null): void {
    if (error) this.#refuse(error);
    else if (this.writeErrno === null) this.takenBytes += this.#inFlight;
    this.#inFlight = 0;
    const callback = this.#written;
    this.#written = null;
    callback?.();
    // What failed is never sent: ending the stream lets it close once the peer's FIN was read.
    if (this.writeErrno !== null) this.end();
    if (!this.#writing && this.stream.writableLength === 0) this.owner.onTaken();
  }

  /** What is cut off by us fails too, and that is no news. */
  #refuse(error: NodeJS.ErrnoException): void {
    if (!this.stream.destroyed) this.writeErrno ??= error.code ?? error.name;
  }
}
