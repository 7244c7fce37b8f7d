import type { Forward } from "../../../src/table/routing-table.ts";
import { endpointTable, entryFor, forwardTo, poolBackend, routingTable } from "../../harness/build-table.ts";
import { type RequestChanges, requestBytes } from "../../harness/incoming-request.ts";
import { listenRaw, type RawBackend } from "../../harness/raw-backend.ts";
import { connectRaw, type RawPeer } from "../../harness/raw-client.ts";
import { startUpgradeProxy, type UpgradeProxy, type UpgradeProxyChoices } from "../../harness/upgrade-proxy.ts";
import { takeUpgrade } from "../../harness/websocket-backend.ts";

/** A proxy with one rule, for everything at a.example, and the raw backend that it forwards to. */
export type House = AsyncDisposable & {
  readonly proxy: UpgradeProxy;
  readonly backend: RawBackend;
  readonly dial: () => Promise<RawPeer>;
  /** Sends a handshake, and bytes behind it; resolves with all that came back, at the end of the stream. */
  readonly ask: (changes?: RequestChanges, behind?: string | Uint8Array) => Promise<string>;
};

/** A backend's script that takes every upgrade. */
export async function takingUpgrades(connection: RawPeer): Promise<void> {
  await takeUpgrade(connection);
}

/** Opens a house; disposing it closes everything in it. */
export async function openHouse(
  script: Parameters<typeof listenRaw>[0],
  forward: Partial<Forward> = {},
  choices: Partial<UpgradeProxyChoices> = {},
): Promise<House> {
  const backend = await listenRaw(script);
  const entry = entryFor(forwardTo([poolBackend("test/echo:80")], forward));
  const proxy = await startUpgradeProxy({
    routing: routingTable({ "a.example": [entry] }),
    endpoints: endpointTable({ "test/echo:80": [backend.port] }),
    ...choices,
  });
  const clients: RawPeer[] = [];
  const dial = async (): Promise<RawPeer> => {
    const client = await connectRaw(proxy.port);
    clients.push(client);
    return client;
  };
  return {
    proxy,
    backend,
    dial,
    ask: async (changes = {}, behind = "") => {
      const client = await dial();
      await client.send(Buffer.concat([Buffer.from(requestBytes(changes), "latin1"), Buffer.from(behind)]));
      await client.ended;
      return client.text();
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.socket.destroy();
      await proxy.close();
      await backend.close();
    },
  };
}
