import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { makeFrame } from "../harness/make-frame.ts";

/** A WebSocket that is open, or what became of the attempt: a status other than 101, a close, or silence. */
export type Attempt =
  | { readonly type: "open"; readonly socket: Socket; readonly ms: number }
  | { readonly type: "answered"; readonly status: number; readonly text: string }
  | { readonly type: "closed" }
  | { readonly type: "silent" };

/** Where a client connects from and to. */
export type Way = { readonly port: number; readonly path?: string; readonly from?: string; readonly host?: string };

const HELLO = makeFrame("client", { opcode: 1, payload: "are you there" });
const ECHO = Buffer.from("are you there");

/** The head of a handshake for a path. */
export function handshakeHead(path = "/echo"): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
}

/** Connects without sending anything; errors are swallowed, 'close' tells the end. */
export function dial({ port, from, host = "127.0.0.1" }: Way): Socket {
  const socket = connect({ port, host, ...(from === undefined ? {} : { localAddress: from }), noDelay: true });
  socket.on("error", () => socket.destroy());
  return socket;
}

/** Tries to open a WebSocket; resolves within `withinMs`, whatever happens. */
export async function attempt(way: Way, withinMs = 15_000): Promise<Attempt> {
  const socket = dial(way);
  const begin = performance.now();
  socket.write(handshakeHead(way.path));
  const { promise, resolve } = Promise.withResolvers<Attempt>();
  let text = "";
  const read = (chunk: Buffer): void => {
    text += chunk.toString("latin1");
    if (!text.includes("\r\n\r\n")) return;
    const status = Number(text.split(" ")[1]);
    if (status === 101) resolve({ type: "open", socket, ms: performance.now() - begin });
    else resolve({ type: "answered", status, text });
  };
  const closed = (): void => resolve({ type: "closed" });
  const timer = setTimeout(() => resolve({ type: "silent" }), withinMs);
  socket.on("data", read);
  socket.once("close", closed);
  const result = await promise;
  clearTimeout(timer);
  socket.off("data", read);
  socket.off("close", closed);
  if (result.type !== "open") socket.destroy();
  return result;
}

/** Opens so many WebSockets, a few at a time, and tells of each; throws when one is refused. */
export async function openMany(
  way: Way,
  count: number,
  opened: (socket: Socket) => void = () => {},
): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  const worker = async (): Promise<void> => {
    while (sockets.length < count) {
      // The place is taken before the wait, or workers would open too many.
      const place = sockets.push(undefined as unknown as Socket) - 1;
      const made = await attempt(way, 30_000);
      if (made.type !== "open") throw new Error(`WebSocket ${place} of ${count}: ${JSON.stringify(made)}`);
      sockets[place] = made.socket;
      opened(made.socket);
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  return sockets;
}

/** How many of these WebSockets still echo, each within `withinMs`. */
export async function countAlive(sockets: readonly Socket[], withinMs = 20_000): Promise<number> {
  const alive = await Promise.all(sockets.map((socket) => echoes(socket, withinMs)));
  return alive.filter(Boolean).length;
}

/** Whether an open WebSocket echoes a message. */
export async function echoes(socket: Socket, withinMs = 20_000): Promise<boolean> {
  return (await echoMs(socket, withinMs)) !== null;
}

/** How long an open WebSocket takes to echo a message; null when it does not. */
export async function echoMs(socket: Socket, withinMs = 20_000): Promise<number | null> {
  if (socket.destroyed) return null;
  const begin = performance.now();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let read = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    read = Buffer.concat([read, chunk]);
    if (read.includes(ECHO)) resolve(true);
  };
  const onClose = (): void => resolve(false);
  const timer = setTimeout(onClose, withinMs);
  socket.on("data", onData);
  socket.once("close", onClose);
  socket.write(HELLO);
  const result = await promise;
  clearTimeout(timer);
  socket.off("data", onData);
  socket.off("close", onClose);
  return result ? performance.now() - begin : null;
}

/** Ends all at once, and waits until they are gone. */
export async function leave(sockets: Iterable<Socket>): Promise<void> {
  await Promise.all(
    [...sockets].map(async (socket) => {
      if (socket.closed) return;
      const closed = once(socket, "close");
      socket.destroy();
      await closed;
    }),
  );
}

/** Waits until a condition holds, and looks at it every so often; throws after `withinMs`. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 30_000,
  everyMs = 100,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(everyMs);
  }
}

/** Lets time pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** The value below which this share of the numbers lies; 0 without numbers. */
export function percentile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
