import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock, type FakeClock } from "../../harness/fake-clock.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import { parseFrames } from "../../harness/reference-parser.ts";
import { ANSWER, closeFrame, openWorld, readAll, type World } from "./relay-world.ts";

const HELLO = makeFrame("client", { opcode: 1, payload: "hello" });

describe.each(["shared", "plain"] as const)("what is counted while connections live, with %s reads", (reads) => {
  let world: World;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = createFakeClock();
    world = await openWorld({ clock, reads });
  });

  afterEach(async () => {
    await world.close();
  });

  it("is every byte, frame and message as it passes, of all connections together", async () => {
    const lanes = [await world.open(), await world.open({}, HELLO)] as const;
    await lanes[1].backendGets(HELLO);
    await lanes[0].client.send(HELLO);
    await lanes[0].backendGets(HELLO);
    const parts = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(300), fin: false });
    await lanes[0].backend.send(parts);
    await lanes[0].clientGets(parts.length);
    expect(world.tallies.client).toEqual({ bytes: 22, frames: 2, messages: 2, queuedBytes: 0 });
    expect(world.tallies.backend).toEqual({ bytes: parts.length, frames: 1, messages: 0, queuedBytes: 0 });
  });

  it("is in the end exactly what the reports say", async () => {
    const lane = await world.open();
    await lane.client.send(Buffer.concat([HELLO, HELLO.subarray(0, 3)]));
    await lane.backendGets(HELLO);
    // The beginning of a header is held until it can be judged.
    expect(world.tallies.client.bytes).toBe(HELLO.length);
    lane.client.reset();
    const end = await lane.end;
    expect(end.from.client.bytes).toBe(HELLO.length + 3);
    expect(world.tallies.client.bytes).toBe(HELLO.length + 3);
    expect(world.tallies.client.queuedBytes).toBe(0);
  });

  it("never falls, not for a Pong to a Ping of ours that comes in two reads", async () => {
    const lane = await world.open({ pingMs: { client: 1_000, backend: 0 }, pongMs: 60_000 });
    await lane.client.send(HELLO);
    await lane.backendGets(HELLO);
    const before = { ...world.tallies.client };
    clock.advance(2_000);
    await lane.client.until((bytes) => parseFrames(bytes.subarray(ANSWER.length)).frames.length > 0);
    const [ping] = parseFrames(lane.clientGot()).frames;
    const pong = makeFrame("client", { opcode: 10, payload: Buffer.from(ping?.payload ?? []) });
    const quiet = async (): Promise<number> => (await world.relay.inspect([lane.id]))[0]?.from.client.bytes ?? 0;
    await lane.client.send(pong.subarray(0, 4));
    await expect.poll(quiet, { timeout: 15_000 }).toBe(before.bytes + 4);
    expect(world.tallies.client).toEqual(before);
    await lane.client.send(Buffer.concat([pong.subarray(4), HELLO]));
    await lane.backendGets(2 * HELLO.length);
    expect(world.tallies.client).toEqual({ ...before, bytes: 22, frames: 2, messages: 2 });
  });

  it("counts what a reader leaves waiting, until it takes it", async () => {
    const lane = await world.open();
    const flood = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(12_000_000, 1) });
    lane.client.socket.pause();
    lane.backend.socket.write(flood);
    await expect.poll(() => world.tallies.backend.queuedBytes, { timeout: 15_000 }).toBeGreaterThan(65_536);
    const [live] = await world.relay.inspect([lane.id]);
    expect(world.tallies.backend.queuedBytes).toBe(live?.from.backend.queuedBytes);
    const reading = readAll(lane.client, ANSWER.length + flood.length);
    lane.client.socket.resume();
    await reading;
    await expect.poll(() => world.tallies.backend.queuedBytes, { timeout: 15_000 }).toBe(0);
    expect(world.tallies.backend.bytes).toBe(flood.length);
  });

  it("counts nothing as waiting for a reader that is cut off", async () => {
    const lane = await world.open();
    lane.client.socket.pause();
    lane.backend.socket.write(makeFrame("backend", { opcode: 2, payload: Buffer.alloc(12_000_000, 1) }));
    await expect.poll(() => world.tallies.backend.queuedBytes, { timeout: 15_000 }).toBeGreaterThan(0);
    world.relay.cut(lane.id, "admin");
    const end = await lane.end;
    expect(world.tallies.backend.queuedBytes).toBe(0);
    expect(world.tallies.backend.bytes).toBe(end.from.backend.bytes);
  });

  it("counts Close frames of peers, and none of ours", async () => {
    const lane = await world.open();
    await lane.client.send(closeFrame("client", 1000));
    await lane.backend.until((bytes) => bytes.length > 0);
    await lane.backend.send(closeFrame("backend", 1000));
    lane.backend.socket.end();
    lane.client.socket.end();
    const end = await lane.end;
    expect([world.tallies.client.frames, world.tallies.backend.frames]).toEqual([1, 1]);
    expect(world.tallies.client.bytes).toBe(end.from.client.bytes);
  });
});
