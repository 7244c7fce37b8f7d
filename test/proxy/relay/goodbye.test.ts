import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CloseOrder } from "../../../src/proxy/relay/relay.ts";
import { createFakeClock, type FakeClock } from "../../harness/fake-clock.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import { closeFrame, type Lane, openWorld, readUntilTail, spell, type World } from "./relay-world.ts";

const DRAIN: CloseOrder = {
  cause: "drain",
  words: { client: { code: 1012, reason: "service restart" }, backend: { code: 1001, reason: "" } },
  closeMs: 10_000,
};
const OUR_CLOSE = closeFrame("backend", 1012, "service restart");
const text = (from: "client" | "backend", payload: string) => makeFrame(from, { opcode: 1, payload });

describe.each(["shared", "plain"] as const)("an end that the relay brings about, with %s reads", (reads) => {
  let clock: FakeClock;
  let world: World;
  beforeEach(async () => {
    clock = createFakeClock(1_000);
    world = await openWorld({ reads, clock });
  });
  afterEach(() => world.close());

  it("says Close to the client first, and lets what it still says reach the backend before the backend's own Close", async () => {
    const lane = await world.open();
    world.relay.requestClose(lane.id, DRAIN);
    await lane.clientGets(OUR_CLOSE);
    expect(spell(lane.backend.received())).toEqual([]);
    await lane.client.send(Buffer.concat([text("client", "still"), closeFrame("client", 1012)]));
    await lane.backend.until((bytes) => spell(bytes).length === 2);
    expect(spell(lane.backend.received())).toEqual(["text:still", "close:1001"]);
    expect(await lane.client.ended).toBe("fin");
    lane.client.end();
    await lane.backend.send(closeFrame("backend", 1001));
    lane.backend.end();
    const end = await lane.end;
    expect(end).toMatchObject({ cause: "drain", by: "proxy", clean: true });
    expect(end.sides.client).toMatchObject({ received: { code: 1012 }, sent: { code: 1012 }, ended: "fin" });
    expect(end.sides.backend).toMatchObject({ received: { code: 1001 }, sent: { code: 1001 }, ended: "fin" });
    expect(spell(lane.clientGot())).toEqual(["close:1012 service restart"]);
  });

  it("tells the backend after half of closeMs when the client does not answer, and cuts both when closeMs is over", async () => {
    const lane = await world.open();
    world.relay.requestClose(lane.id, DRAIN);
    await lane.clientGets(OUR_CLOSE);
    clock.advance(4_900);
    expect(lane.backend.received()).toHaveLength(0);
    clock.advance(200);
    await lane.backendGets(8);
    expect(spell(lane.backend.received())).toEqual(["close:1001"]);
    clock.advance(5_000);
    expect(await lane.client.ended).toBe("reset");
    const end = await lane.end;
    expect(end).toMatchObject({ cause: "drain", clean: false });
    expect(end.sides.client.ended).toBe("timeout");
  });

  it("shortens closeMs for a later order, keeps the first cause, and says no second Close", async () => {
    const lane = await world.open();
    world.relay.requestClose(lane.id, DRAIN);
    world.relay.requestClose(lane.id, { ...DRAIN, cause: "admin", closeMs: 1_000 });
    await lane.clientGets(OUR_CLOSE);
    clock.advance(1_200);
    expect(await lane.end).toMatchObject({ cause: "drain" });
    expect(spell(lane.clientGot())).toEqual(["close:1012 service restart"]);
  });

  it("ignores orders for connections that are over or never were", async () => {
    const lane = await world.open();
    world.relay.cut(lane.id, "admin");
    await lane.end;
    world.relay.requestClose(lane.id, DRAIN);
    world.relay.cut(lane.id, "shed");
    expect(world.ends).toHaveLength(1);
    expect(world.ends[0]).toMatchObject({ cause: "admin", by: "proxy", clean: false });
    expect(world.ends[0]?.sides.client.ended).toBe("cut");
  });

  it("discards what follows a forwarded Close, while the other direction still carries data and its Close", async () => {
    const lane = await world.open();
    const stray = Buffer.alloc(200_000, 0xff);
    await lane.client.send(Buffer.concat([closeFrame("client", 1000), stray]));
    await lane.backendGets(8);
    await lane.backend.send(Buffer.concat([text("backend", "last"), closeFrame("backend", 1000)]));
    lane.backend.end();
    expect(await lane.client.ended).toBe("fin");
    lane.client.end();
    expect(spell(lane.clientGot())).toEqual(["text:last", "close:1000"]);
    expect(spell(lane.backend.received())).toEqual(["close:1000"]);
    expect(await lane.end).toMatchObject({ cause: "client", clean: true, detail: null });
  });

  it("injects nothing on a drain once a Close has passed", async () => {
    const lane = await world.open();
    await lane.client.send(closeFrame("client", 1000));
    await lane.backendGets(8);
    world.relay.requestClose(lane.id, DRAIN);
    await lane.backend.send(Buffer.concat([text("backend", "more"), closeFrame("backend", 1000)]));
    lane.backend.end();
    await lane.client.ended;
    lane.client.end();
    expect(await lane.end).toMatchObject({ cause: "client", clean: true });
    expect(spell(lane.clientGot())).toEqual(["text:more", "close:1000"]);
    expect(spell(lane.backend.received())).toEqual(["close:1000"]);
  });

  it.each(["client", "backend"] as const)("starts closeMs when a Close of the %s passes", async (party) => {
    const lane = await world.open();
    const peers = { client: lane.client, backend: lane.backend };
    await peers[party].send(closeFrame(party, 1000));
    if (party === "client") await lane.backendGets(8);
    else await lane.clientGets(4);
    clock.advance(9_900);
    expect(world.ends).toHaveLength(0);
    clock.advance(300);
    expect(await lane.end).toMatchObject({ cause: party, by: party, clean: false });
  });

  it("finishes a frame before its Close, and sends nothing of the next one", async () => {
    const lane = await world.open();
    const frame = text("backend", "x".repeat(300));
    await lane.backend.send(frame.subarray(0, 100));
    await lane.clientGets(100);
    world.relay.requestClose(lane.id, DRAIN);
    await lane.backend.send(Buffer.concat([frame.subarray(100), text("backend", "next")]));
    await lane.clientGets(OUR_CLOSE);
    expect(spell(lane.clientGot())).toEqual([`text:${"x".repeat(300)}`, "close:1012 service restart"]);
  });

  it("cuts a frame that is still moving closeMs after its turn", async () => {
    const lane = await world.open();
    await lane.backend.send(Uint8Array.from([0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0]));
    await lane.clientGets(10);
    world.relay.requestClose(lane.id, DRAIN);
    for (let sent = 1; sent <= 10; sent += 1) {
      await lane.backend.send(Buffer.from("x"));
      await lane.clientGets(10 + sent);
      clock.advance(1_010);
    }
    expect(await lane.client.ended).toBe("reset");
    expect(await lane.end).toMatchObject({ cause: "drain", clean: false });
    expect(lane.clientGot()).toHaveLength(20);
  });

  it("says Close at once when only a part of a header is held, and drops that part", async () => {
    const lane = await world.open();
    const frame = text("backend", "x".repeat(300));
    await lane.backend.send(frame.subarray(0, 3));
    await expect.poll(async () => (await world.relay.inspect([lane.id]))[0]?.from.backend.bytes).toBe(3);
    world.relay.requestClose(lane.id, DRAIN);
    await lane.clientGets(OUR_CLOSE);
    await lane.backend.send(frame.subarray(3));
    expect(spell(lane.clientGot())).toEqual(["close:1012 service restart"]);
  });

  it("sends a blocked sink the queue, the rest of the frame and its Close, and nothing else", async () => {
    const { lane, sent } = await blockClient(world);
    world.relay.requestClose(lane.id, DRAIN);
    const closed = readUntilTail(lane.client, OUR_CLOSE);
    lane.client.socket.resume();
    await closed;
    const got = lane.clientGot();
    const before = got.subarray(0, got.length - OUR_CLOSE.length);
    expect(before.equals(sent.subarray(0, before.length))).toBe(true);
    expect(before.length % FRAME_BYTES).toBe(0);
  });

  it("resets a blocked sink when closeMs ends first, and counts what it never took", async () => {
    const { lane } = await blockClient(world);
    world.relay.requestClose(lane.id, DRAIN);
    clock.advance(10_200);
    const end = await lane.end;
    expect(end).toMatchObject({ cause: "drain", clean: false });
    expect(end.sides.client.ended).toBe("timeout");
    expect(end.from.backend.undeliveredBytes).toBeGreaterThan(0);
    expect(end.from.backend.queuedPeak).toBeLessThanOrEqual(65_536 + 65_536);
  });

  it("says 1009 between the fragments of a message that grows over the limit", async () => {
    const lane = await world.open({ maxMessageBytes: { client: 10, backend: 0 } });
    const first = makeFrame("client", { opcode: 1, fin: false, payload: "12345" });
    await lane.client.send(Buffer.concat([first, makeFrame("client", { opcode: 0, payload: "678901" })]));
    await lane.backend.until((bytes) => spell(bytes).length === 2);
    expect(spell(lane.backend.received())).toEqual(["text:12345", "close:1001"]);
    expect(await lane.client.ended).toBe("fin");
    expect(spell(lane.clientGot())).toEqual(["close:1009 message too big"]);
    lane.client.end();
    lane.backend.end();
    const end = await lane.end;
    expect(end).toMatchObject({ cause: "limit", by: "client", clean: false });
    expect(end.detail).toContain("a message over the limit");
  });

  it("says 1014 to the client and 1002 to a backend that breaks the protocol", async () => {
    const lane = await world.open();
    await lane.backend.send(text("client", "masked"));
    await lane.clientGets(4);
    expect(spell(lane.clientGot())).toEqual(["close:1014 bad gateway"]);
    await lane.client.send(closeFrame("client", 1014));
    await lane.backend.until((bytes) => spell(bytes).length === 1);
    expect(spell(lane.backend.received())).toEqual(["close:1002 protocol error"]);
    lane.client.end();
    lane.backend.end();
    expect(await lane.end).toMatchObject({ cause: "protocol-error", by: "backend" });
  });

  it("lets a client that broke the protocol and sends on read its Close, and ends with a FIN", async () => {
    const lane = await world.open();
    lane.client.socket.write(Buffer.concat([text("backend", "no mask"), Buffer.alloc(4 * 1024 * 1024)]));
    expect(await lane.client.ended).toBe("fin");
    expect(spell(lane.clientGot())).toEqual(["close:1002 protocol error"]);
    lane.client.end();
    lane.backend.end();
    expect(await lane.end).toMatchObject({ cause: "protocol-error", by: "client" });
  });

  it("ends an idle connection with 1001, but not one whose frames pass", async () => {
    const lane = await world.open({ idleMs: 30_000 });
    clock.advance(20_000);
    await lane.client.send(text("client", "here"));
    await lane.backendGets(10);
    clock.advance(20_000);
    expect(lane.clientGot()).toHaveLength(0);
    clock.advance(10_200);
    await lane.clientGets(4);
    expect(spell(lane.clientGot())).toEqual(["close:1001 idle timeout"]);
    clock.advance(10_200);
    expect(await lane.end).toMatchObject({ cause: "idle", by: "proxy" });
  });

  it("ends a connection that has lived for its lifetime with 1012", async () => {
    const lane = await world.open({ lifetimeMs: 60_000 });
    clock.advance(60_200);
    await lane.clientGets(4);
    expect(spell(lane.clientGot())).toEqual(["close:1012 maximum connection duration"]);
    world.relay.cut(lane.id, "admin");
    expect(await lane.end).toMatchObject({ cause: "lifetime" });
  });

  it("resets both peers when one accepts no byte for stallMs", async () => {
    const { lane } = await blockClient(world);
    clock.advance(59_000);
    expect(world.ends).toHaveLength(0);
    clock.advance(20_000);
    const end = await lane.end;
    expect(end).toMatchObject({ cause: "stalled", by: "client", clean: false });
    expect(await lane.backend.ended).toBe("reset");
  });

  it("never calls `ended` inside start, also when both peers are gone already", async () => {
    const { client, side } = await world.upgrade();
    const { backend, side: other } = await world.dial();
    client.reset();
    backend.reset();
    await Promise.all([aborted(side.gone), aborted(other.gone)]);
    const { end } = world.start({ client: side, backend: other });
    expect(world.ends).toHaveLength(0);
    expect(await end).toMatchObject({ clean: false });
    expect(world.ends).toHaveLength(1);
  });
});

const FRAME_BYTES = 100_010;

/** A client that stopped reading, and a backend that went on until nothing more was read from it. */
async function blockClient(world: World): Promise<{ readonly lane: Lane; readonly sent: Buffer }> {
  const lane = await world.open();
  lane.client.socket.pause();
  const frame = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(FRAME_BYTES - 10, 5) });
  const sent = Buffer.concat(Array.from({ length: 200 }, () => frame));
  lane.backend.socket.write(sent);
  let before = -1;
  await expect
    .poll(
      async () => {
        const flow = (await world.relay.inspect([lane.id]))[0]?.from.backend;
        const still = flow !== undefined && flow.queuedBytes > 65_536 && flow.bytes === before;
        before = flow?.bytes ?? -1;
        return still;
      },
      { interval: 20 },
    )
    .toBe(true);
  return { lane, sent };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve());
  });
}
