import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Party } from "../../../src/base/endings.ts";
import { createFakeClock, type FakeClock } from "../../harness/fake-clock.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import { parseFrames } from "../../harness/reference-parser.ts";
import { type Lane, openWorld, spell, type World } from "./relay-world.ts";

const PINGS = { pingMs: { client: 1_000, backend: 0 }, pongMs: 5_000 };
const pong = (from: Party, payload: Uint8Array) => makeFrame(from, { opcode: 10, payload });

/** Waits for the newest Ping to the client; its payload. */
async function pingOf(lane: Lane, count: number): Promise<Uint8Array> {
  const pings = () => parseFrames(lane.clientGot()).frames.filter(({ opcode }) => opcode === 9);
  await lane.client.until(() => pings().length >= count);
  return pings().at(-1)?.payload ?? new Uint8Array(0);
}

describe.each(["shared", "plain"] as const)("Pings of ours, with %s reads", (reads) => {
  let clock: FakeClock;
  let world: World;
  beforeEach(async () => {
    clock = createFakeClock(1_000);
    world = await openWorld({ reads, clock });
  });
  afterEach(() => world.close());

  it("swallows exactly its Pong, split at every byte, and passes the duplicate and any other", async () => {
    const lane = await world.open(PINGS);
    const expected: string[] = [];
    for (let split = 0; split <= 13; split += 1) {
      clock.advance(1_200);
      const payload = await pingOf(lane, split + 1);
      const ours = pong("client", payload);
      const bytes = Buffer.concat([ours, makeFrame("client", { opcode: 1, payload: `${split}` })]);
      await sendPart(world, lane, bytes.subarray(0, Math.min(split, ours.length - 1)));
      await lane.client.send(bytes.subarray(Math.min(split, ours.length - 1)));
      expected.push(`text:${split}`);
      await lane.backend.until(() => spell(lane.backend.received()).length === expected.length);
      expect(spell(lane.backend.received())).toEqual(expected);
      if (split === 0) continue;
      const longer = Buffer.concat([payload, Buffer.from("x")]);
      await lane.client.send(Buffer.concat([ours, pong("client", longer)]));
      expected.push(`pong:${Buffer.from(payload).toString().trim()}`, `pong:${longer.toString().trim()}`);
      await lane.backend.until(() => spell(lane.backend.received()).length === expected.length);
    }
    expect(spell(lane.backend.received())).toEqual(expected);
  });

  it("counts neither its Pings nor their Pongs, and they keep nothing from being idle", async () => {
    const lane = await world.open({ ...PINGS, idleMs: 10_000 });
    for (let turn = 1; turn <= 6; turn += 1) {
      clock.advance(1_200);
      const payload = await pingOf(lane, turn);
      clock.advance(300 + turn);
      expect(await answer(world, lane, "client", payload)).toBeGreaterThan(300);
    }
    const [live] = await world.relay.inspect([lane.id]);
    expect(live?.from.client).toMatchObject({ bytes: 0, frames: 0, messages: 0 });
    expect(live?.from.backend).toMatchObject({ bytes: 0, frames: 0, messages: 0 });
    clock.advance(1_300);
    await lane.client.until(() => spell(lane.clientGot()).at(-1) === "close:1001 idle timeout");
  });

  it("takes any byte for a sign of life", async () => {
    const lane = await world.open(PINGS);
    for (let turn = 1; turn <= 4; turn += 1) {
      clock.advance(1_200);
      await pingOf(lane, turn);
      clock.advance(4_000);
      await lane.client.send(makeFrame("client", { opcode: 1, payload: "alive" }));
      await lane.backend.until(() => spell(lane.backend.received()).length === turn);
    }
    expect(world.ends).toHaveLength(0);
  });

  it("ends a connection whose client is silent for pongMs after a Ping", async () => {
    const lane = await world.open(PINGS);
    clock.advance(1_200);
    await pingOf(lane, 1);
    clock.advance(5_200);
    await lane.client.until(() => spell(lane.clientGot()).at(-1) === "close:1001 ping timeout");
    clock.advance(10_200);
    expect(await lane.end).toMatchObject({ cause: "ping-timeout", by: "client" });
  });

  it("masks its Pings to the backend with a fresh key, and tells the client 1014 when the backend is dead", async () => {
    const lane = await world.open({ pingMs: { client: 0, backend: 1_000 }, pongMs: 5_000 });
    const keys = new Set<string>();
    for (let turn = 1; turn <= 3; turn += 1) {
      clock.advance(1_200);
      await lane.backend.until((bytes) => bytes.length >= 14 * turn);
      const frames = parseFrames(lane.backend.received()).frames;
      expect(frames.at(-1)).toMatchObject({ opcode: 9, masked: true });
      const start = frames.at(-1)?.start ?? 0;
      keys.add(lane.backend.received().toString("hex", start + 2, start + 6));
      clock.advance(turn);
      if (turn < 3) await answer(world, lane, "backend", frames.at(-1)?.payload ?? new Uint8Array(0));
    }
    expect(keys.size).toBe(3);
    expect(lane.clientGot()).toHaveLength(0);
    clock.advance(5_200);
    await lane.client.until(() => spell(lane.clientGot()).at(-1) === "close:1014 backend ping timeout");
  });

  it("sends no Ping to a client that owes the backend a Pong, and ends it if it owes too long", async () => {
    const lane = await world.open(PINGS);
    await lane.backend.send(makeFrame("backend", { opcode: 9, payload: "theirs" }));
    await lane.client.until(() => spell(lane.clientGot()).length === 1);
    clock.advance(3_000);
    await lane.backend.send(makeFrame("backend", { opcode: 1, payload: "mark" }));
    await lane.client.until(() => spell(lane.clientGot()).length === 2);
    expect(spell(lane.clientGot())).toEqual(["ping:theirs", "text:mark"]);
    clock.advance(6_000);
    await lane.client.until(() => spell(lane.clientGot()).at(-1) === "close:1001 ping timeout");
  });

  it("pings again once the Pong that was owed has passed", async () => {
    const lane = await world.open(PINGS);
    await lane.backend.send(makeFrame("backend", { opcode: 9, payload: "theirs" }));
    await lane.client.until(() => spell(lane.clientGot()).length === 1);
    await lane.client.send(pong("client", Buffer.from("theirs")));
    await lane.backend.until(() => spell(lane.backend.received()).includes("pong:theirs"));
    clock.advance(1_200);
    expect(Buffer.from(await pingOf(lane, 2)).toString("latin1")).toMatch(/^flpg/);
  });

  it("sends no Ping where a Close has passed", async () => {
    const lane = await world.open(PINGS);
    await lane.backend.send(makeFrame("backend", { opcode: 8, payload: Buffer.from([3, 232]) }));
    await lane.client.until(() => spell(lane.clientGot()).length === 1);
    clock.advance(4_000);
    expect(spell(lane.clientGot())).toEqual(["close:1000"]);
  });
});

/** Sends a part of a frame and waits until the relay has read it, so that a split is a split of reads. */
async function sendPart(world: World, lane: Lane, part: Uint8Array): Promise<void> {
  if (part.length === 0) return;
  const bytes = async () => (await world.relay.inspect([lane.id]))[0]?.from.client.bytes;
  const before = await bytes();
  await lane.client.send(part);
  await expect.poll(bytes).not.toBe(before);
}

/** Sends the Pong to a Ping of ours, and waits until the relay has taken the time that it took; in ms. */
async function answer(world: World, lane: Lane, party: Party, payload: Uint8Array): Promise<number | null> {
  const roundTripMs = async () => (await world.relay.inspect([lane.id]))[0]?.pingRttMs[party] ?? null;
  const before = await roundTripMs();
  await lane[party].send(pong(party, payload));
  await expect.poll(roundTripMs).not.toBe(before);
  return roundTripMs();
}
