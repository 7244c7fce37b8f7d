import { type AddressInfo, createServer } from "node:net";
import { type RawPeer, wrapSocket } from "./raw-client.ts";

/** A TCP server whose behaviour a test scripts byte by byte. It records every connection. */
export type RawBackend = {
  readonly port: number;
  readonly address: string;
  readonly connections: readonly RawPeer[];
  /** The connection with this number, from 0, once it is there. */
  readonly connection: (index: number) => Promise<RawPeer>;
  /** How many connections are open now. */
  readonly open: () => number;
  /** Resolves when no connection is open. */
  readonly idle: () => Promise<void>;
  /** Destroys what is open and stops listening. */
  readonly close: () => Promise<void>;
};

/** Listens on loopback; `script` runs for each connection, and an error in it resets that connection. */
export async function listenRaw(
  script: (connection: RawPeer, index: number) => void | Promise<void> = () => {},
  address = "127.0.0.1",
): Promise<RawBackend> {
  const connections: RawPeer[] = [];
  const live = new Set<RawPeer>();
  const changed = new Set<() => void>();
  const notify = (): void => {
    for (const listener of changed) listener();
  };
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        changed.delete(look);
        resolve();
      };
      changed.add(look);
      look();
    });
  const run = async (peer: RawPeer, index: number): Promise<void> => {
    try {
      await script(peer, index);
    } catch {
      peer.socket.destroy();
    }
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = wrapSocket(socket);
    connections.push(peer);
    live.add(peer);
    socket.once("close", () => {
      live.delete(peer);
      notify();
    });
    notify();
    run(peer, connections.length - 1).catch(() => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    address,
    connections,
    connection: async (index) => {
      await until(() => connections.length > index);
      return connections[index] as RawPeer;
    },
    open: () => live.size,
    idle: () => until(() => live.size === 0),
    close: () => {
      for (const peer of live) peer.socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
