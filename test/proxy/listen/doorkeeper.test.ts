import { Socket } from "node:net";
import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { announceMove } from "../../../src/base/connection-life.ts";
import type { Arrival } from "../../../src/base/request-facts.ts";
import { clientKey } from "../../../src/proxy/listen/client-key.ts";
import { createDoorkeeper, type DoorLimits } from "../../../src/proxy/listen/doorkeeper.ts";

const LIMITS: DoorLimits = { clients: 100, perClient: 0, silentPerClient: 100, tlsHandshakes: 100 };
const EMPTY = { open: 0, silent: 0, tlsHandshakes: 0, clients: 0 };

let lastPort = 1_024;

function arrivalFrom(peerAddress: string, secure = false): Arrival {
  lastPort += 1;
  return { peerAddress, peerPort: lastPort, localAddress: "192.0.2.9", localPort: 443, secure, serverName: null };
}

async function close(socket: Socket): Promise<void> {
  const closed = new Promise((resolve) => {
    socket.once("close", resolve);
  });
  socket.destroy();
  await closed;
}

describe("the doorkeeper", () => {
  test("lets in what there is room for, and has room again when one is gone", async () => {
    const door = createDoorkeeper({ ...LIMITS, clients: 2 }, () => false);
    const first = new Socket();
    expect(door.enter(first, arrivalFrom("192.0.2.1"))).toBeNull();
    expect(door.enter(new Socket(), arrivalFrom("192.0.2.2"))).toBeNull();
    expect(door.enter(new Socket(), arrivalFrom("192.0.2.3"))).toBe("TooManySockets");
    await close(first);
    expect(door.enter(new Socket(), arrivalFrom("192.0.2.3"))).toBeNull();
  });

  test("limits one client, the whole of an IPv6 network, and nobody who is exempt", () => {
    const door = createDoorkeeper({ ...LIMITS, perClient: 1 }, (address) => address === "10.0.0.1");
    const enter = (address: string): string | null => door.enter(new Socket(), arrivalFrom(address));
    expect([enter("192.0.2.1"), enter("192.0.2.1"), enter("192.0.2.2")]).toEqual([null, "TooManyFromClient", null]);
    expect([enter("2001:db8::1"), enter("2001:db8::ffff:1"), enter("2001:db8:0:1::1")]).toEqual([
      null,
      "TooManyFromClient",
      null,
    ]);
    expect([enter("10.0.0.1"), enter("10.0.0.1")]).toEqual([null, null]);
  });

  test("limits the connections of a client that have asked for nothing, and forgets one that has", () => {
    const door = createDoorkeeper({ ...LIMITS, silentPerClient: 1 }, () => false);
    const arrival = arrivalFrom("192.0.2.1");
    expect(door.enter(new Socket(), arrival)).toBeNull();
    expect(door.enter(new Socket(), arrivalFrom("192.0.2.1"))).toBe("TooManyFromClient");
    door.spoke(arrival);
    door.spoke(arrival);
    expect(door.enter(new Socket(), arrivalFrom("192.0.2.1"))).toBeNull();
    expect(door.enter(new Socket(), arrivalFrom("192.0.2.1"))).toBe("TooManyFromClient");
  });

  test("limits TLS handshakes, and counts one that is done no more", () => {
    const door = createDoorkeeper({ ...LIMITS, tlsHandshakes: 1 }, () => false);
    const arrival = arrivalFrom("192.0.2.1", true);
    expect(door.enter(new Socket(), arrival)).toBeNull();
    expect(door.enter(new Socket(), arrivalFrom("192.0.2.2", true))).toBe("TooManyTlsHandshakes");
    expect(door.enter(new Socket(), arrivalFrom("192.0.2.2"))).toBeNull();
    door.secured(arrival);
    door.secured(arrival);
    expect(door.counts()).toEqual({ open: 2, silent: 2, tlsHandshakes: 0, clients: 2 });
    expect(door.enter(new Socket(), arrivalFrom("192.0.2.2", true))).toBeNull();
  });

  test("counts a connection that goes on in another socket until that is gone", async () => {
    const door = createDoorkeeper(LIMITS, () => false);
    const [accepted, taken] = [new Socket(), new Socket()];
    door.enter(accepted, arrivalFrom("192.0.2.1"));
    announceMove(accepted, taken);
    await close(accepted);
    expect(door.counts().open).toBe(1);
    await close(taken);
    expect(door.counts()).toEqual(EMPTY);
  });

  test("counts a socket that is gone already for nothing", () => {
    const door = createDoorkeeper(LIMITS, () => false);
    const socket = new Socket();
    socket.destroy();
    door.enter(socket, arrivalFrom(""));
    expect(door.counts()).toEqual(EMPTY);
  });

  test("remembers nobody when all are gone, whatever happened in between, also between connections of one name", async () => {
    const step = record({
      act: constantFrom("enter", "enter", "secured", "spoke", "close"),
      address: constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1"),
      port: integer({ min: 1, max: 4 }),
      secure: boolean(),
    });
    await assert(
      asyncProperty(array(step, { maxLength: 60 }), async (steps) => {
        const door = createDoorkeeper({ clients: 9, perClient: 5, silentPerClient: 3, tlsHandshakes: 4 }, () => false);
        const sockets: Socket[] = [];
        for (const { act, address, port, secure } of steps) {
          const arrival = { ...arrivalFrom(address, secure), peerPort: port };
          const socket = new Socket();
          if (act === "enter" && door.enter(socket, arrival) === null) sockets.push(socket);
          else if (act === "secured") door.secured(arrival);
          else if (act === "spoke") door.spoke(arrival);
          else if (act === "close") await Promise.all(sockets.splice(0, 1).map(close));
          const { open, silent, tlsHandshakes, clients } = door.counts();
          expect(open).toBe(sockets.length);
          expect(silent).toBeLessThanOrEqual(open);
          expect(tlsHandshakes).toBeLessThanOrEqual(silent);
          expect(clients).toBeLessThanOrEqual(open);
        }
        await Promise.all(sockets.map(close));
        expect(door.counts()).toEqual(EMPTY);
      }),
      { numRuns: 200 },
    );
  });
});

describe("what stands for a client", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:0DB8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["1::", "1:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["64:ff9b:1::192.0.2.1", "64:ff9b:1:0::/64"],
    ["", ""],
  ])("%s is %s", (address, key) => {
    expect(clientKey(address)).toBe(key);
  });
});
