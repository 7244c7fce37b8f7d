import { connect, type Socket } from "node:net";
import { noteSent } from "./sentinels.ts";

/** How a peer's stream ended: a FIN, or a reset. */
export type StreamEnd = "fin" | "reset";

/** One end of a TCP connection, byte for byte. Everything received is kept. */
export type RawPeer = {
  readonly socket: Socket;
  /** Text is sent as Latin-1. Resolves when the bytes are handed to the system; rejects when the peer is gone. */
  readonly send: (bytes: string | Uint8Array) => Promise<void>;
  /** All bytes received so far. */
  readonly received: () => Buffer;
  /** The same, as Latin-1 text. */
  readonly text: () => string;
  /** Resolves with all bytes once they satisfy the predicate or contain the text; rejects at the end of the stream or after `withinMs`. */
  readonly until: (wanted: string | ((bytes: Buffer) => boolean), withinMs?: number) => Promise<Buffer>;
  /** Resolves when the other end sent a FIN or a reset. */
  readonly ended: Promise<StreamEnd>;
  /** Resolves when the connection is gone altogether. */
  readonly closed: Promise<void>;
  readonly end: () => void;
  readonly reset: () => void;
};

/** Opens a TCP connection that stays half-open until both ends have ended. */
export async function connectRaw(port: number, host = "127.0.0.1"): Promise<RawPeer> {
  const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
  const peer = wrapSocket(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return peer;
}

/** The tools above around a socket that exists already. */
export function wrapSocket(socket: Socket): RawPeer {
  const chunks: Buffer[] = [];
  const changed = new Set<() => void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<StreamEnd>();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let over = false;
  const notify = (): void => {
    for (const listener of changed) listener();
  };
  const finish = (how: StreamEnd): void => {
    over = true;
    end(how);
    notify();
  };
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    notify();
  });
  socket.on("end", () => finish("fin"));
  socket.on("error", () => finish("reset"));
  socket.on("close", () => {
    finish("reset");
    close();
  });
  const received = (): Buffer => Buffer.concat(chunks);
  return {
    socket,
    received,
    text: () => received().toString("latin1"),
    send: (bytes) =>
      new Promise((resolve, reject) => {
        noteSent(bytes);
        const buffer = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
        socket.write(buffer, (error) => (error ? reject(error) : resolve()));
      }),
    until: (wanted, withinMs = 15_000) => {
      const holds = typeof wanted === "string" ? (bytes: Buffer) => bytes.includes(wanted) : wanted;
      return waitUntil({ received, holds, isOver: () => over, changed, withinMs });
    },
    ended,
    closed,
    end: () => socket.end(),
    reset: () => socket.resetAndDestroy(),
  };
}

type Wait = {
  readonly received: () => Buffer;
  readonly holds: (bytes: Buffer) => boolean;
  readonly isOver: () => boolean;
  readonly changed: Set<() => void>;
  readonly withinMs: number;
};

function waitUntil(wait: Wait): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      wait.changed.delete(look);
      act();
    };
    const fail = (why: string): void => {
      settle(() => reject(new Error(`${why}; received ${JSON.stringify(wait.received().toString("latin1"))}`)));
    };
    const look = (): void => {
      const bytes = wait.received();
      if (wait.holds(bytes)) settle(() => resolve(bytes));
      else if (wait.isOver()) fail("the stream ended first");
    };
    const timer = setTimeout(() => fail(`not within ${wait.withinMs} ms`), wait.withinMs);
    wait.changed.add(look);
    look();
  });
}
