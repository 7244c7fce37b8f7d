/** A process with a backend, and, told where Fairlead is and how many, with clients that open WebSockets there and keep them. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

const AT_ONCE = 200;

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket) => socket.on("error", () => socket.terminate()));
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.send?.({ port: (server.address() as AddressInfo).port });

process.on("message", ({ url, count }: { url: string; count: number }) => {
  openAll(url, count).then(
    () => process.send?.({ open: count }),
    (error: unknown) => {
      throw error;
    },
  );
});
process.on("disconnect", () => process.exit());

async function openAll(url: string, count: number): Promise<void> {
  for (let open = 0; open < count; open += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - open) }, () => openOne(url));
    await Promise.all(some);
  }
}

async function openOne(url: string): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  socket.on("error", () => socket.terminate());
  socket.send("hello");
}
