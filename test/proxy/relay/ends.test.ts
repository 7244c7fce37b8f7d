import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeCertificate } from "../../harness/make-certificate.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import { ANSWER, type Lane, openWorld, readAll, spell, type World } from "./relay-world.ts";

const text = (from: "client" | "backend", payload: string) => makeFrame(from, { opcode: 1, payload });

/** Resolves once the relay has read this many bytes of the backend. */
async function readOf(world: World, lane: Lane, party: "client" | "backend", bytes: number): Promise<void> {
  await expect
    .poll(async () => (await world.relay.inspect([lane.id]))[0]?.from[party].bytes, { interval: 2 })
    .toBe(bytes);
}

const { pem } = await makeCertificate("localhost", "127.0.0.1");

describe.each([
  { name: "shared reads", options: { reads: "shared" } as const },
  { name: "plain reads", options: { reads: "plain" } as const },
  { name: "a client over TLS", options: { tls: { key: pem.key, cert: pem.chain } } },
])("the ends of a connection with $name", ({ options }) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(options);
  });
  afterEach(() => world.close());

  it("passes a client's FIN on without a Close, and keeps the way back open", async () => {
    const lane = await world.open();
    await lane.client.send(text("client", "done"));
    lane.client.end();
    expect(await lane.backend.ended).toBe("fin");
    expect(spell(lane.backend.received())).toEqual(["text:done"]);
    await lane.backend.send(text("backend", "after"));
    lane.backend.end();
    expect(await lane.client.ended).toBe("fin");
    expect(spell(lane.clientGot())).toEqual(["text:after"]);
    expect(await lane.end).toMatchObject({ cause: "client", by: "client", clean: false });
  });

  it("passes a client's RST on as an RST", async () => {
    const lane = await world.open();
    await lane.client.send(text("client", "gone"));
    await lane.backendGets(10);
    lane.client.reset();
    expect(await lane.backend.ended).toBe("reset");
    const end = await lane.end;
    expect(end).toMatchObject({ cause: "client", by: "client", clean: false });
    expect(end.sides.client).toMatchObject({ ended: "reset", errno: "ECONNRESET" });
  });

  it("reports a client's FIN inside a frame as unclean, and says no Close to the backend", async () => {
    const lane = await world.open();
    const frame = text("client", "half of it");
    await lane.client.send(frame.subarray(0, 9));
    lane.client.end();
    expect(await lane.backend.ended).toBe("fin");
    expect(lane.backend.received()).toEqual(Buffer.from(frame.subarray(0, 9)));
    lane.backend.end();
    expect(await lane.end).toMatchObject({ clean: false, detail: "client: ended inside a frame" });
  });

  it("reports a client's FIN inside a header as unclean, and forwards nothing of it", async () => {
    const lane = await world.open();
    await lane.client.send(text("client", "x").subarray(0, 3));
    lane.client.end();
    expect(await lane.backend.ended).toBe("fin");
    expect(lane.backend.received()).toHaveLength(0);
    lane.backend.end();
    const end = await lane.end;
    expect(end).toMatchObject({ clean: false, detail: "client: ended inside a frame" });
    expect(end.from.client.undeliveredBytes).toBe(3);
  });

  it.each(["fin", "reset"] as const)("says 1014 to the client after a backend's %s between messages", async (how) => {
    const lane = await world.open();
    await lane.backend.send(text("backend", "last"));
    await lane.clientGets(6);
    if (how === "fin") lane.backend.end();
    else lane.backend.reset();
    expect(await lane.client.ended).toBe("fin");
    expect(spell(lane.clientGot())).toEqual(["text:last", "close:1014 backend connection lost"]);
    lane.client.end();
    const end = await lane.end;
    expect(end).toMatchObject({ cause: "backend", by: "backend", clean: false });
    expect(end.sides.client.sent).toEqual({ code: 1014, reason: "backend connection lost" });
    expect(end.sides.backend).toMatchObject({ received: null, sent: null, ended: how });
  });

  it("says 1014 between the fragments of a message whose backend was killed", async () => {
    const lane = await world.open();
    await lane.backend.send(makeFrame("backend", { opcode: 1, fin: false, payload: "begun" }));
    await lane.clientGets(7);
    lane.backend.reset();
    await lane.client.ended;
    expect(spell(lane.clientGot())).toEqual(["text:begun", "close:1014 backend connection lost"]);
  });

  it.each(["fin", "reset"] as const)("resets the client after a backend's %s inside a frame", async (how) => {
    const lane = await world.open();
    const frame = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(5000, 1) });
    await lane.backend.send(frame.subarray(0, 3000));
    await readOf(world, lane, "backend", 3000);
    if (how === "fin") lane.backend.end();
    else lane.backend.reset();
    expect(await lane.client.ended).toBe("reset");
    expect(lane.clientGot()).toEqual(Buffer.from(frame.subarray(0, 3000)));
    const end = await lane.end;
    expect(end).toMatchObject({ cause: "backend", clean: false, detail: "backend: ended inside a frame" });
  });

  it("delivers what a backend said before it left, although writing to it has failed meanwhile", async () => {
    const lane = await world.open({ queueBytes: 1 });
    const said = await fillUntilPaused(world, lane);
    const last = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(61_440, 2) });
    await lane.backend.send(last);
    lane.backend.socket.destroy();
    // The first draws an RST from a backend that is closed; writing the second fails, while its last words are unread.
    await lane.client.send(text("client", "one"));
    await readOf(world, lane, "client", 9);
    await nextTurn();
    await lane.client.send(text("client", "two"));
    await readOf(world, lane, "client", 18);
    const all = Buffer.concat([...said, last]);
    const read = readAll(lane.client, ANSWER.length + all.length);
    lane.client.socket.resume();
    await read;
    expect(lane.clientGot().subarray(0, all.length).equals(all)).toBe(true);
    lane.client.end();
    const end = await lane.end;
    expect(end.sides.backend.errno).toMatch(/EPIPE|ECONNRESET/);
    expect(end.from.backend).toMatchObject({ bytes: all.length, undeliveredBytes: 0 });
    expect(end.from.client.undeliveredBytes).toBe(9);
  });
});

/** Has the backend send to a client that does not read, until the relay has stopped reading; what was sent. */
async function fillUntilPaused(world: World, lane: Lane): Promise<readonly Uint8Array[]> {
  const frame = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(60_000, 1) });
  const sent: Uint8Array[] = [];
  lane.client.socket.pause();
  for (;;) {
    const [live] = await world.relay.inspect([lane.id]);
    if ((live?.from.backend.queuedBytes ?? 0) > 1) return sent;
    await lane.backend.send(frame);
    sent.push(frame);
    await readOf(world, lane, "backend", sent.length * frame.length);
  }
}
