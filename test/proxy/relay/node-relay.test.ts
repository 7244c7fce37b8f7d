import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFrame } from "../../harness/make-frame.ts";
import { ANSWER, openWorld, readAll, type World } from "./relay-world.ts";

const close = (from: "client" | "backend", code: number, reason = "") =>
  makeFrame(from, { opcode: 8, payload: Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]) });

describe.each(["shared", "plain"] as const)("a relay with %s reads", (reads) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld({ reads });
  });
  afterEach(() => world.close());

  it("carries frames both ways, byte for byte", async () => {
    const lane = await world.open();
    const hello = makeFrame("client", { opcode: 1, payload: "hello" });
    const answer = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(100_000, 7) });
    await lane.client.send(hello);
    expect(await lane.backendGets(hello.length)).toEqual(Buffer.from(hello));
    await lane.backend.send(answer);
    expect(await lane.clientGets(answer.length)).toEqual(Buffer.from(answer));
  });

  it("ends cleanly after both Closes and both FINs", async () => {
    const lane = await world.open();
    await lane.client.send(close("client", 1000, "bye"));
    await lane.backendGets(5);
    await lane.backend.send(close("backend", 1000, "bye"));
    lane.backend.end();
    expect(await lane.client.ended).toBe("fin");
    lane.client.end();
    const end = await lane.end;
    expect(end).toMatchObject({ cause: "client", by: "client", clean: true, detail: null });
    expect(end.sides.client).toEqual({
      received: { code: 1000, reason: "bye" },
      sent: { code: 1000, reason: "bye" },
      ended: "fin",
      errno: null,
    });
    expect(end.sides.backend.ended).toBe("fin");
    expect(end.from.client).toMatchObject({ frames: 1, messages: 0, undeliveredBytes: 0 });
  });

  it("tells of the connections that live, and of all that was read since the start", async () => {
    const lanes = [await world.open(), await world.open()] as const;
    const hello = makeFrame("client", { opcode: 1, payload: "hello" });
    for (const lane of lanes) {
      await lane.client.send(hello);
      await lane.backendGets(hello.length);
    }
    const [live, ...others] = await world.relay.inspect([lanes[0].id]);
    expect(others).toEqual([]);
    expect(live).toMatchObject({
      id: lanes[0].id,
      state: "open",
      from: { client: { bytes: 11, frames: 1, messages: 1 } },
    });
    expect(await world.relay.inspect("all")).toHaveLength(2);
    world.relay.cut(lanes[0].id, "admin");
    await lanes[0].end;
    expect(await world.relay.inspect("all")).toHaveLength(1);
    expect(await world.relay.inspect([lanes[0].id])).toEqual([]);
    expect(world.tallies.client).toEqual({ bytes: 22, frames: 2, messages: 2, queuedBytes: 0 });
  });

  it("stops after the last connection has ended, with `shutdown` for what was left", async () => {
    const lanes = [await world.open(), await world.open(), await world.open()];
    await world.relay.stop();
    expect(world.ends.map(({ cause }) => cause)).toEqual(["shutdown", "shutdown", "shutdown"]);
    expect(new Set(world.ends.map(({ id }) => id)).size).toBe(lanes.length);
    await world.relay.stop();
  });

  it("bounds what a client that never reads can make it hold", async () => {
    const lanes = await Promise.all(Array.from({ length: 5 }, () => world.open()));
    const frame = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(200_000, 1) });
    const flood = Buffer.concat(Array.from({ length: 60 }, () => frame));
    for (const lane of lanes) {
      lane.client.socket.pause();
      lane.backend.socket.write(flood);
    }
    const queued = async (): Promise<readonly number[]> =>
      (await world.relay.inspect("all")).map(({ from }) => from.backend.queuedBytes);
    await expect.poll(async () => (await queued()).every((bytes) => bytes > 65_536), { timeout: 10_000 }).toBe(true);
    for (const { from } of await world.relay.inspect("all")) {
      // What may wait, and one read more.
      expect(from.backend.queuedPeak).toBeLessThanOrEqual(65_536 + 65_536);
      expect(from.backend.bytes).toBeLessThan(flood.length);
    }
    const reading = lanes.map((lane) => readAll(lane.client, ANSWER.length + flood.length));
    for (const lane of lanes) lane.client.socket.resume();
    await Promise.all(reading);
    expect(lanes.every((lane) => lane.clientGot().equals(flood))).toBe(true);
  });

  it("outlives 1 000 clients that reset before the 101, and leaves no backend connection open", async () => {
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const { client, side } = await world.upgrade();
          const dialling = world.relay.dial(world.target, side.gone).then(
            (backend) => backend.close("reset", 0),
            () => {},
          );
          client.reset();
          await dialling;
          side.close("reset", 0);
        }),
      );
    }
    await world.backend.idle();
    expect(world.backend.open()).toBe(0);
    expect(world.ends).toHaveLength(0);
  });
});
