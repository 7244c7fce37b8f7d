import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { WebSocketServer } from "ws";
import { makeFrame } from "../harness/make-frame.ts";
import { switchingTo } from "../harness/websocket-backend.ts";

/** A server behind Fairlead. */
export type Backend = AsyncDisposable & { readonly port: number; readonly open: () => number };

/** What a backend does with a connection whose request head it has read. */
type Behaviour = (socket: Socket, head: string) => void;

/** Echoes messages, and answers plain requests with 200. */
export async function startEcho(): Promise<Backend> {
  const server = createHttpServer((request, response) => {
    request.resume();
    response.end("echo");
  });
  const webSockets = new WebSocketServer({ server, perMessageDeflate: false });
  webSockets.on("connection", (socket) => {
    socket.on("error", () => socket.terminate());
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
  return await listen(server);
}

/** Takes every upgrade, and when the time has come sends messages of 16 KiB for as long as they are taken. */
export async function startFlooding(time: Promise<void> = Promise.resolve()): Promise<Backend> {
  const message = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(16_384) });
  return await startRaw((socket, head) => {
    const flood = (): void => {
      while (!socket.destroyed && socket.write(message));
    };
    socket.on("drain", flood);
    socket.write(switchingTo(head));
    time.then(flood, () => {});
  });
}

/** Takes every upgrade, sends one small message at each interval, and reads whatever comes. */
export async function startTicking(intervalMs: number): Promise<Backend> {
  const message = makeFrame("backend", { opcode: 1, payload: "tick" });
  return await startRaw((socket, head) => {
    socket.write(switchingTo(head));
    const timer = setInterval(() => socket.write(message), intervalMs);
    socket.once("close", () => clearInterval(timer));
  });
}

/** Takes every upgrade, and reads nothing any more. */
export async function startDeaf(): Promise<Backend> {
  return await startRaw((socket, head) => {
    socket.write(switchingTo(head));
    socket.pause();
  });
}

/** Accepts, reads, and never answers. */
export async function startSilent(): Promise<Backend> {
  return await startRaw(() => {});
}

/** Resets every connection when its request was read. */
export async function startResetting(): Promise<Backend> {
  return await startRaw((socket) => socket.resetAndDestroy());
}

/** A port of loopback on which nobody listens. */
export async function findClosedPort(): Promise<number> {
  const backend = await startSilent();
  await backend[Symbol.asyncDispose]();
  return backend.port;
}

async function startRaw(behave: Behaviour): Promise<Backend> {
  const server = createServer({ noDelay: true }, (socket) => {
    let head = "";
    const read = (chunk: Buffer): void => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      socket.off("data", read);
      socket.resume();
      behave(socket, head);
    };
    socket.on("data", read);
  });
  return await listen(server);
}

async function listen(server: Server): Promise<Backend> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 });
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
