import type { Socket } from "node:net";
import { messageOf } from "../../base/message-of.ts";
import type { Clock } from "../../base/ports.ts";

/** How a connection ended: `fin`, or the system's name of the error. */
export type WireEnd = string;

/** Thrown by `read` when the connection ended first. */
export class WireEndError extends Error {
  readonly how: WireEnd;

  constructor(how: WireEnd) {
    super(`the connection ended: ${how}`);
    this.name = "WireEndError";
    this.how = how;
  }
}

/** Thrown by `read` when it took too long. */
export class WireTimeoutError extends Error {
  override readonly name = "WireTimeoutError";
}

/** What was taken from the front of what came; null if it is not all there. */
export type Taken<Value> = { readonly value: Value; readonly bytes: number } | null;

/** The most that is kept unread; a peer that sends more waits. */
const MAX_KEPT = 2 * 1024 * 1024;

/** Owns a connected socket: keeps what comes, within a bound, until it is asked for. */
export class Wire {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #kept: Buffer = Buffer.alloc(0);
  #end: WireEnd | null = null;
  #changed: () => void = () => {};

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on("error", (error: NodeJS.ErrnoException) => this.#finish(error.code ?? messageOf(error)));
    socket.on("end", () => this.#finish("fin"));
    socket.on("close", () => this.#finish("fin"));
    socket.on("data", (chunk: Buffer) => {
      this.#kept = Buffer.concat([this.#kept, chunk]);
      if (this.#kept.length > MAX_KEPT) socket.pause();
      this.#changed();
    });
  }

  /** Resolves with what `take` makes of the bytes that came, as soon as it makes something of them. Rejects with what it throws, WireEndError or WireTimeoutError. */
  async read<Value>(take: (bytes: Buffer) => Taken<Value>, untilMs: number): Promise<Value> {
    for (;;) {
      const taken = take(this.#kept);
      if (taken !== null) {
        this.#kept = this.#kept.subarray(taken.bytes);
        if (this.#kept.length <= MAX_KEPT) this.#socket.resume();
        return taken.value;
      }
      if (this.#end !== null) throw new WireEndError(this.#end);
      await this.#change(untilMs);
    }
  }

  /** Hands bytes to the system. What goes wrong with them shows in the next read. */
  write(bytes: Uint8Array): void {
    if (this.#end === null) this.#socket.write(bytes);
  }

  /** Ends the connection and forgets it. */
  destroy(): void {
    this.#socket.destroy();
  }

  #change(untilMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const left = untilMs - this.#clock.monotonicMs();
      if (left <= 0) {
        reject(new WireTimeoutError("too late"));
        return;
      }
      const timer = this.#clock.after(left, () => {
        this.#changed = () => {};
        reject(new WireTimeoutError("too late"));
      });
      this.#changed = () => {
        this.#changed = () => {};
        timer.stop();
        resolve();
      };
    });
  }

  #finish(how: WireEnd): void {
    this.#end ??= how;
    this.#changed();
  }
}
