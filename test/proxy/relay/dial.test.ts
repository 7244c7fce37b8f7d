import { type AddressInfo, createServer } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/base/system-clock.ts";
import { createNodeRelay } from "../../../src/proxy/relay/node-relay.ts";
import { DialError, type Relay, type Target } from "../../../src/proxy/relay/relay.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { makeCertificate } from "../../harness/make-certificate.ts";

const { pem } = await makeCertificate("backend.test");
const never = new AbortController().signal;
const closers: (() => Promise<void>)[] = [];

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closers.push(async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  });
  return (server.address() as AddressInfo).port;
}

const target = (port: number, tls: Target["tls"] = null): Target => ({
  address: "127.0.0.1",
  port,
  connectMs: 5_000,
  held: 16_384,
  tls,
});

/** An identity for a backend that asks for one. */
const identity = { certificate: pem.chain, key: pem.key };

describe.each(["shared", "plain"] as const)("dialling with %s reads", (reads) => {
  let relay: Relay;
  beforeEach(() => {
    const identities = new Map([
      ["known", identity],
      ["unreadable", { certificate: "no PEM", key: "no PEM" }],
    ]);
    const findIdentity = (id: string) => identities.get(id) ?? null;
    relay = createNodeRelay({ clock: systemClock, random: Math.random, reads, findIdentity })(() => {});
  });
  afterEach(async () => {
    await relay.stop();
    await Promise.all(closers.splice(0).map((close) => close()));
  });

  it("rejects with `connect` when nobody listens", async () => {
    const server = createServer();
    const port = await listen(server);
    await closers.pop()?.();
    await expect(relay.dial(target(port), never)).rejects.toMatchObject({ kind: "connect", errno: "ECONNREFUSED" });
    await expect(relay.dial(target(port), never)).rejects.toBeInstanceOf(DialError);
  });

  it("rejects with `timeout` after connectMs", async () => {
    const clock = createFakeClock();
    const slow = createNodeRelay({ clock, random: Math.random, reads })(() => {});
    // A TCP server that never answers the ClientHello.
    const port = await listen(
      createServer({ allowHalfOpen: true }, (socket) => socket.resume().on("end", () => socket.end())),
    );
    const tls = { serverName: null, verify: false, ca: null, identityId: null };
    const dialling = slow.dial(target(port, tls), never);
    const outcome = dialling.catch((error: unknown) => error);
    clock.advance(4_999);
    clock.advance(2);
    expect(await outcome).toMatchObject({ name: "DialError", kind: "timeout" });
    expect(clock.pending()).toBe(0);
  });

  it("rejects with the signal's reason, before and during", async () => {
    const reason = new Error("the client left");
    const port = await listen(
      createServer({ allowHalfOpen: true }, (socket) => socket.resume().on("end", () => socket.end())),
    );
    const tls = { serverName: null, verify: false, ca: null, identityId: null };
    await expect(relay.dial(target(port), AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const dialling = relay.dial(target(port, tls), controller.signal);
    controller.abort(reason);
    await expect(dialling).rejects.toBe(reason);
  });

  it("verifies the backend's certificate by its own roots and name, and carries bytes over TLS", async () => {
    const port = await listen(createTlsServer({ key: pem.key, cert: pem.chain }, (socket) => echo(socket)));
    const verified = { serverName: "backend.test", verify: true, ca: pem.chain, identityId: null };
    const side = await relay.dial(target(port, verified), never);
    expect(side.facts.tls).toMatchObject({ protocol: "TLSv1.3" });
    await side.write(Buffer.from("over TLS"));
    expect(Buffer.from((await side.read()) ?? []).toString()).toBe("over TLS");
    side.close("reset", 0);
  });

  it.each([
    { why: "roots that do not know it", tls: { serverName: "backend.test", verify: true, ca: null, identityId: null } },
    { why: "another name", tls: { serverName: "other.test", verify: true, ca: pem.chain, identityId: null } },
  ])("rejects with `tls` for $why", async ({ tls }) => {
    const port = await listen(createTlsServer({ key: pem.key, cert: pem.chain }, (socket) => echo(socket)));
    await expect(relay.dial(target(port, tls), never)).rejects.toMatchObject({ kind: "tls" });
  });

  it("rejects with `tls` when an identity cannot be read", async () => {
    const unreadable = { serverName: null, verify: true, ca: null, identityId: "unreadable" };
    await expect(relay.dial(target(1, unreadable), never)).rejects.toMatchObject({ name: "DialError", kind: "tls" });
  });

  it("shows the identity that the target names", async () => {
    const shown: boolean[] = [];
    const options = { key: pem.key, cert: pem.chain, requestCert: true, rejectUnauthorized: false };
    const port = await listen(
      createTlsServer(options, (socket) => {
        shown.push(socket.getPeerX509Certificate() !== undefined);
        echo(socket);
      }),
    );
    for (const identityId of ["known", "unknown", null]) {
      const side = await relay.dial(
        target(port, { serverName: "backend.test", verify: false, ca: null, identityId }),
        never,
      );
      await side.write(Buffer.from("x"));
      await side.read();
      side.close("reset", 0);
    }
    expect(shown).toEqual([true, false, false]);
  });
});

function echo(socket: TLSSocket): void {
  socket.on("error", () => {});
  socket.pipe(socket);
}
