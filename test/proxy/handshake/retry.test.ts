import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { createBalancer } from "../../../src/balance/balancer.ts";
import { admit } from "../../../src/proxy/handshake/admit.ts";
import { connect, type DialParts } from "../../../src/proxy/handshake/connect.ts";
import { startBudget } from "../../../src/proxy/handshake/handshake-budget.ts";
import { trustNobody } from "../../../src/proxy/handshake/trusted-proxies.ts";
import { DialError, type Relay, type Side, type Target } from "../../../src/proxy/relay/relay.ts";
import { endpointTable, forwardTo, poolBackend, requestFacts } from "../../harness/build-table.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { requestBytes, SAMPLE_KEY } from "../../harness/incoming-request.ts";
import { openHouse, takingUpgrades } from "./open-house.ts";

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

describe("an endpoint that refuses the connection", () => {
  it("is passed over for another, and the handshake is sent once", async () => {
    await using target = await openHouse(takingUpgrades);
    const dead = await deadPort();
    await using house = await openHouse(
      () => {},
      {},
      {
        endpoints: endpointTable({ "test/echo:80": [dead, target.backend.port] }),
      },
    );
    const client = await house.dial();
    await client.send(requestBytes());
    expect((await client.until("\r\n\r\n")).toString()).toMatch(/^HTTP\/1\.1 101 /);
    expect(target.backend.connections).toHaveLength(1);
    client.reset();
    expect(await house.proxy.report(0)).toMatchObject({ endpoint: `127.0.0.1:${target.backend.port}` });
  });

  it("is 502 when there is no other", async () => {
    const dead = await deadPort();
    await using house = await openHouse(() => {}, {}, { endpoints: endpointTable({ "test/echo:80": [dead] }) });
    expect(await house.ask()).toMatch(/^HTTP\/1\.1 502 /);
    expect(house.proxy.reports).toEqual([expect.objectContaining({ failure: "ConnectFailed" })]);
  });
});

describe("retrying", () => {
  it("is bounded, and never dials an endpoint twice", async () => {
    const dialled: number[] = [];
    const error = await failureOf([1, 2, 3, 4, 5], async (target) => {
      dialled.push(target.port);
      throw new DialError("connect", "refused", "ECONNREFUSED");
    });
    expect(error).toMatchObject({ failure: "ConnectFailed", detail: "refused" });
    expect(dialled).toEqual([1, 2, 3]);
  });

  it("follows a connect that timed out, but no TLS that failed", async () => {
    const dialled: number[] = [];
    const error = await failureOf([1, 2, 3], async (target) => {
      dialled.push(target.port);
      throw target.port === 1 ? new DialError("timeout", "not in time") : new DialError("tls", "not verified");
    });
    expect(error).toMatchObject({ failure: "BackendTlsFailed", status: 502 });
    expect(dialled).toEqual([1, 2]);
  });

  it("ends in 504 when every connect timed out", async () => {
    const error = await failureOf([1], () => Promise.reject(new DialError("timeout", "not in time")));
    expect(error).toMatchObject({ failure: "ConnectTimeout", status: 504 });
  });

  it("gives each connect no more than what is left of the budget, and ends with it", async () => {
    const clock = createFakeClock();
    const limits: number[] = [];
    const error = await failureOf(
      [1, 2, 3, 4],
      async (target) => {
        limits.push(target.connectMs);
        clock.advance(2_000);
        throw new DialError("timeout", "not in time");
      },
      clock,
    );
    expect(limits).toEqual([2_000, 2_000, 1_000]);
    expect(error).toMatchObject({ failure: "HandshakeTimeout" });
  });

  it("passes the TLS settings of the backend on", async () => {
    let seen: Target | null = null;
    const tls = { serverName: "echo.test.svc", verify: true, ca: "PEM" };
    await failureOf(
      [1],
      async (target) => {
        seen = target;
        throw new DialError("tls", "no");
      },
      createFakeClock(),
      poolBackend("test/echo:80", { tls }),
    );
    expect(seen).toMatchObject({ address: "127.0.0.1", port: 1, held: 16_384, tls: { ...tls, identityId: null } });
  });
});

describe("a budget that is spent", () => {
  it("closes a backend that connected too late", async () => {
    const clock = createFakeClock();
    const side = fakeSide({});
    const error = await failureOf(
      [1],
      async () => {
        clock.advance(5_000);
        return side;
      },
      clock,
    );
    expect(error).toMatchObject({ failure: "HandshakeTimeout" });
    expect(side.closed).toEqual(["reset"]);
  });

  it("closes a backend that takes no byte of the handshake", async () => {
    const clock = createFakeClock();
    const side = fakeSide({
      write: () => {
        clock.advance(5_000);
        return new Promise(() => {});
      },
    });
    expect(await failureOf([1], async () => side, clock)).toMatchObject({ failure: "HandshakeTimeout" });
    expect(side.closed).toEqual(["reset"]);
  });
});

describe("a backend that is gone before the handshake could be sent", () => {
  it("is 502, and no other is tried: bytes may have left", async () => {
    const side = fakeSide({ write: () => Promise.reject(new Error("EPIPE")) });
    let dials = 0;
    const error = await failureOf([1, 2], async () => {
      dials += 1;
      return side;
    });
    expect(error).toMatchObject({ failure: "BackendReset", detail: "the handshake could not be sent: EPIPE" });
    expect(side.closed).toEqual(["reset"]);
    expect(dials).toBe(1);
  });
});

function fakeSide(changes: Partial<Side>): Side & { readonly closed: readonly string[] } {
  const closed: string[] = [];
  return {
    party: "backend",
    facts: { address: "127.0.0.1", port: 1, localAddress: "127.0.0.1", localPort: 2, tls: null },
    gone: new AbortController().signal,
    read: () => new Promise(() => {}),
    unread: () => {},
    write: () => Promise.resolve(),
    close: (how) => closed.push(how),
    closed,
    ...changes,
  };
}

async function failureOf(
  ports: readonly number[],
  dial: (target: Target) => ReturnType<Relay["dial"]>,
  clock = createFakeClock(),
  backend = poolBackend("test/echo:80"),
): Promise<unknown> {
  const facts = requestFacts();
  const handshake = { ...facts, webSocket: { key: SAMPLE_KEY, subprotocols: [], extensions: [] } };
  const route = {
    name: { kind: "WebSocketRoute", namespace: "test", name: "route", rule: "one" },
    forward: forwardTo([backend]),
    prefix: null,
    gates: [],
  };
  const parts: DialParts = {
    relay: { dial },
    balancer: createBalancer(() => 0),
    endpoints: () => endpointTable({ "test/echo:80": ports }),
    settings: { trustedProxies: trustNobody, heldBytes: 16_384, maxAttempts: 3 },
  };
  const budget = startBudget(clock, clock.monotonicMs(), 5_000, new AbortController().signal);
  try {
    await connect(admit([], facts), handshake, route, { parts, budget, dialling: () => {} });
  } catch (error) {
    return error;
  } finally {
    budget.stop();
  }
  throw new Error("it connected");
}
