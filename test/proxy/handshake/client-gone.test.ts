import { describe, expect, it } from "vitest";
import { requestBytes } from "../../harness/incoming-request.ts";
import { connectRaw, type RawPeer } from "../../harness/raw-client.ts";
import { readHead, switchingTo } from "../../harness/websocket-backend.ts";
import { openHouse } from "./open-house.ts";

async function waiting(connection: RawPeer): Promise<void> {
  await readHead(connection);
}

describe.each(["shared", "plain"] as const)("a client that leaves before the 101, with %s reads", (reads) => {
  it.each(["fin", "reset"] as const)("takes the backend's connection with it, by %s", async (how) => {
    await using house = await openHouse(waiting, {}, { reads });
    const client = await house.dial();
    await client.send(requestBytes());
    const connection = await house.backend.connection(0);
    await readHead(connection);
    if (how === "fin") client.end();
    else client.reset();
    expect(await connection.ended).toBe("reset");
    await house.backend.idle();
    expect(await house.proxy.report(0)).toMatchObject({
      outcome: "refused",
      status: 0,
      failure: "ClientGone",
      endpoint: `127.0.0.1:${house.backend.port}`,
    });
    await house.proxy.settled();
  });
});

describe("1 000 clients that reset before the 101", () => {
  it("leave no backend connection open and no handshake unreported, whatever the moment", async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => {
      uncaught.push(error);
    };
    process.on("uncaughtExceptionMonitor", note);
    process.on("unhandledRejection", note);
    try {
      await using house = await openHouse(async (connection) => {
        const head = await readHead(connection);
        await connection.send(switchingTo(head));
        await connection.ended;
        connection.end();
      });
      const request = requestBytes();
      let answered = 0;
      for (let round = 0; round < 50; round += 1) {
        const clients = await Promise.all(Array.from({ length: 20 }, () => connectRaw(house.proxy.port)));
        for (const [index, client] of clients.entries()) {
          client.socket.write(request);
          // From at once to some turns of the event loop later: before the dial, during it, during the answer, behind it.
          for (let turns = 0; turns < index % 7; turns += 1) await new Promise((resolve) => setImmediate(resolve));
          if (client.received().length > 0) answered += 1;
          client.reset();
        }
        await Promise.all(clients.map((client) => client.closed));
      }
      // A reset may overtake its request, which is then never seen: a last client shows that all before it were handled.
      const last = await house.dial();
      await last.send(request);
      await last.until("\r\n\r\n");
      last.reset();
      await house.proxy.settled();
      await house.backend.idle();
      expect(answered).toBeLessThan(1_000);
      expect(new Set(house.proxy.reports.map(({ id }) => id)).size).toBe(house.proxy.reports.length);
    } finally {
      process.off("uncaughtExceptionMonitor", note);
      process.off("unhandledRejection", note);
    }
    expect(uncaught).toEqual([]);
  });
});
