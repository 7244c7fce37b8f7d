import { createServer } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { PassThrough } from "node:stream";
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from "node:tls";
import { afterEach, describe, expect, it, vi } from "vitest";
import { owesAnAnswer, readInto, takeOver } from "../../../src/proxy/relay/take-over.ts";
import { makeCertificate } from "../../harness/make-certificate.ts";
import { connectRaw, type RawPeer } from "../../harness/raw-client.ts";
import { openWorld, REQUEST } from "./relay-world.ts";

type Upgraded = { readonly socket: Socket; readonly head: Buffer; readonly client: RawPeer };

/** A raw socket of a real server's 'upgrade', handled synchronously by `handle`. */
async function onUpgrade<T>(
  handle: (socket: Socket) => T,
): Promise<Upgraded & { readonly result: T; close(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const client = await connectRaw((server.address() as AddressInfo).port);
  const upgraded = new Promise<{ socket: Socket; head: Buffer; result: T }>((resolve) => {
    server.on("upgrade", (_request, stream, head) => {
      const socket = stream as Socket;
      socket.on("error", () => {});
      resolve({ socket, head, result: handle(socket) });
    });
  });
  await client.send(REQUEST);
  const close = async (): Promise<void> => {
    client.socket.destroy();
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  };
  return { ...(await upgraded), client, close };
}

describe("taking a socket over", () => {
  const buffer = Buffer.alloc(65_536);

  it("moves an idle upgrade to a socket that reads into the shared buffer", async () => {
    const reads: string[] = [];
    const upgrade = await onUpgrade((socket) =>
      takeOver(socket, buffer, (length, into) => {
        reads.push(Buffer.from(into.buffer, into.byteOffset, length).toString());
        return true;
      }),
    );
    expect(upgrade.result).toBeInstanceOf(Socket);
    expect(upgrade.socket.destroyed).toBe(true);
    upgrade.result?.resume();
    await upgrade.client.send("hello");
    await expect.poll(() => reads.join("")).toBe("hello");
    upgrade.result?.write("back");
    expect((await upgrade.client.until("back")).toString()).toBe("back");
    upgrade.result?.destroy();
    await upgrade.close();
  });

  it("keeps the server's own count of connections right, so that it can close", async () => {
    const upgrade = await onUpgrade((socket) => takeOver(socket, buffer, () => true));
    upgrade.result?.destroy();
    await upgrade.close();
    expect(upgrade.result?.destroyed).toBe(true);
  });

  it("leaves what is no idle plain socket as it was", async () => {
    const stream = new PassThrough();
    expect(takeOver(stream, buffer, () => true)).toBeNull();
    expect(stream.destroyed).toBe(false);
    const written = await onUpgrade((socket) => {
      socket.cork();
      socket.write("unsent");
      return takeOver(socket, buffer, () => true);
    });
    expect(written.result).toBeNull();
    expect(written.socket.destroyed).toBe(false);
    written.socket.destroy();
    await written.close();
  });

  it("leaves a socket whose insides are not those that it knows", async () => {
    const upgrade = await onUpgrade((socket) => {
      const insides = socket as Socket & { _handle: { readStop?: unknown } };
      Reflect.set(insides._handle, "readStop", "gone");
      return takeOver(socket, buffer, () => true);
    });
    expect(upgrade.result).toBeNull();
    upgrade.socket.destroy();
    await upgrade.close();
  });
});

describe("a TLS connection that reads into the shared buffer", () => {
  const buffer = Buffer.alloc(65_536);

  it("stays the TLSSocket that it is", async () => {
    const { chain, key } = (await makeCertificate("localhost")).pem;
    const server = createTlsServer({ cert: chain, key });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const accepted = new Promise<TLSSocket>((resolve) => {
      server.once("secureConnection", resolve);
    });
    const client = connectTls({
      port: (server.address() as AddressInfo).port,
      host: "127.0.0.1",
      ca: chain,
      servername: "localhost",
    });
    const socket = await accepted;
    const reads: string[] = [];
    const isRead = readInto(socket, buffer, (length, into) => {
      expect(into).toBe(buffer);
      reads.push(Buffer.from(into.buffer, into.byteOffset, length).toString());
      return true;
    });
    expect(isRead).toBe(true);
    expect(readInto(socket, buffer, () => true)).toBe(false);
    const data = vi.fn<() => void>();
    socket.on("data", data);
    client.write("hello");
    await expect.poll(() => reads.join(""), { timeout: 15_000 }).toBe("hello");
    client.end("and goodbye");
    await new Promise((resolve) => socket.once("end", resolve));
    expect(reads.join("")).toBe("helloand goodbye");
    expect(data).not.toHaveBeenCalled();
    socket.destroy();
    client.destroy();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  });

  it("is no plain connection, and none whose insides are unknown", async () => {
    expect(readInto(new PassThrough(), buffer, () => true)).toBe(false);
    const plain = new Socket();
    expect(readInto(plain, buffer, () => true)).toBe(false);
    const unknown = new TLSSocket(new Socket());
    Reflect.set(unknown, "_handle", { readStop: () => 0 });
    expect(readInto(unknown, buffer, () => true)).toBe(false);
    Reflect.set(unknown, "_handle", null);
    unknown.destroy();
    plain.destroy();
  });
});

describe("an upgrade behind an unfinished answer", () => {
  it("is destroyed by adopt, and is gone at once", async () => {
    const world = await openWorld();
    world.server.on("request", (_request, response) => {
      // A slow answer that is never finished.
      response.write("slow");
    });
    const client = await connectRaw(world.port);
    await client.send(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${REQUEST}`);
    expect(await client.ended).toMatch(/fin|reset/);
    expect(client.text()).not.toContain("101");
    expect(world.backend.connections).toHaveLength(0);
    await world.close();
  });

  it("is told from an idle one", async () => {
    const upgrade = await onUpgrade((socket) => owesAnAnswer(socket));
    expect(upgrade.result).toBe(false);
    expect(owesAnAnswer(Object.assign(new PassThrough(), { _httpMessage: {} }))).toBe(true);
    upgrade.socket.destroy();
    await upgrade.close();
  });
});

describe("the sockets of a pair", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(["shared", "plain"] as const)(
    "both send small writes at once (TCP_NODELAY) and probe idle peers, with %s reads",
    async (reads) => {
      const noDelay = vi.spyOn(Socket.prototype, "setNoDelay");
      const keepAlive = vi.spyOn(Socket.prototype, "setKeepAlive");
      const world = await openWorld({ reads });
      const lane = await world.open();
      const ours = [lane.sides.client, lane.sides.backend].map(({ facts }) => facts.port);
      const ports = (calls: readonly unknown[]): readonly (number | undefined)[] =>
        calls.map((socket) => (socket as Socket).remotePort);
      expect(ports(noDelay.mock.contexts)).toEqual(expect.arrayContaining(ours));
      expect(noDelay.mock.calls.every(([enable]) => enable !== false)).toBe(true);
      expect(ports(keepAlive.mock.contexts)).toEqual(expect.arrayContaining(ours));
      expect(keepAlive.mock.calls).toContainEqual([true, 15_000, 5_000, 3]);
      await world.close();
    },
  );
});
