import { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HeldSide } from "../../../src/proxy/relay/held-side.ts";
import { Wire } from "../../../src/proxy/relay/wire.ts";
import { createFakeClock, type FakeClock } from "../../harness/fake-clock.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import { ANSWER, openWorld, readAll, spell, type World } from "./relay-world.ts";

const text = (from: "client" | "backend", payload: string) => makeFrame(from, { opcode: 1, payload });

describe.each(["shared", "plain"] as const)("a Side before the 101, with %s reads", (reads) => {
  let clock: FakeClock;
  let world: World;
  beforeEach(async () => {
    clock = createFakeClock(1_000);
    world = await openWorld({ reads, clock });
  });
  afterEach(() => world.close());

  it("keeps the early bytes of both peers, in order, for the relay", async () => {
    const { client, side } = await world.upgrade(text("client", "with the head"));
    const { backend, side: other } = await world.dial();
    await client.send(text("client", "after it"));
    await backend.send(Buffer.concat([Buffer.from("head\r\n\r\n"), text("backend", "with its head")]));
    let answer = Buffer.alloc(0);
    while (!answer.includes("\r\n\r\n")) answer = Buffer.concat([answer, (await other.read()) ?? Buffer.alloc(0)]);
    other.unread(answer.subarray(8));
    await backend.send(text("backend", "and more"));
    const { id } = world.start({ client: side, backend: other });
    await client.send(text("client", "and then"));
    await client.until((bytes) => spell(bytes.subarray(ANSWER.length)).length === 2);
    expect(spell(client.received().subarray(ANSWER.length))).toEqual(["text:with its head", "text:and more"]);
    await backend.until((bytes) => spell(bytes).length === 3);
    expect(spell(backend.received())).toEqual(["text:with the head", "text:after it", "text:and then"]);
    world.relay.cut(id, "admin");
  });

  it("holds bytes of its own, which later reads of other connections leave as they are", async () => {
    const [one, other] = [await world.upgrade(), await world.upgrade()];
    await one.client.send("first");
    const read = await one.side.read();
    await one.client.send("second");
    await other.client.send("third!");
    expect(Buffer.from((await other.side.read()) ?? []).toString()).toBe("third!");
    expect(Buffer.from(read ?? []).toString()).toBe("first");
    expect(Buffer.from((await one.side.read()) ?? []).toString()).toBe("second");
    for (const { side } of [one, other]) side.close("reset", 0);
  });

  it.each(["client", "backend"] as const)(
    "stops reading a %s once it holds enough, and goes on when the relay starts",
    async (party) => {
      const { client, side } = await world.upgrade();
      const { backend, side: other } = await world.dial();
      const peers = { client, backend };
      const frame = makeFrame(party, { opcode: 2, payload: Buffer.alloc(100_000, 1) });
      const all = Buffer.concat(Array.from({ length: 100 }, () => frame));
      const { socket } = peers[party];
      socket.write(all);
      // What the system's buffers hold has left the peer; that the rest stands still shows that nobody reads it.
      await standsStill(() => socket.writableLength);
      expect(socket.writableLength).toBeGreaterThan(0);
      const { id } = world.start({ client: side, backend: other });
      const answer = party === "client" ? 0 : ANSWER.length;
      const reader = party === "client" ? backend : client;
      await readAll(reader, answer + all.length);
      expect(reader.received().subarray(answer).equals(all)).toBe(true);
      world.relay.cut(id, "admin");
    },
  );

  it.each(["fin", "reset"] as const)("is gone after a %s", async (how) => {
    const { client, side } = await world.upgrade();
    expect(side.gone.aborted).toBe(false);
    if (how === "fin") client.end();
    else client.reset();
    await expect.poll(() => side.gone.aborted).toBe(true);
    side.close("reset", 0);
  });

  it("reads what came, then the end of the stream", async () => {
    const { backend, side } = await world.dial();
    const waiting = side.read();
    await backend.send("one");
    expect(Buffer.from((await waiting) ?? []).toString()).toBe("one");
    backend.end();
    expect(await side.read()).toBeNull();
    expect(await side.read()).toBeNull();
    side.close("reset", 0);
  });

  it("rejects reads and writes once the peer has reset", async () => {
    const { backend, side } = await world.dial();
    const waiting = side.read();
    backend.reset();
    await expect(waiting).rejects.toThrow("ECONNRESET");
    await expect(side.read()).rejects.toThrow("ECONNRESET");
    await expect(side.write(Buffer.from("x"))).rejects.toThrow("the connection is gone");
  });

  it("writes and resolves when the bytes are taken, and rejects those that never are", async () => {
    const { backend, side } = await world.dial();
    await side.write(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    expect((await backend.until("\r\n\r\n")).toString()).toContain("GET /");
    backend.socket.pause();
    const large = side.write(Buffer.alloc(20_000_000));
    backend.reset();
    await expect(large).rejects.toThrow("the connection is gone");
  });

  it("ends with a FIN, reads on until the peer's, and is destroyed after lingerMs if there is none", async () => {
    const { client, side } = await world.upgrade();
    await side.write(Buffer.from("HTTP/1.1 404 Not Found\r\n\r\n"));
    side.close("fin", 2_000);
    expect(await client.ended).toBe("fin");
    await client.send(Buffer.alloc(300_000));
    clock.advance(1_900);
    await client.send("still read");
    expect(client.socket.destroyed).toBe(false);
    clock.advance(200);
    // What is sent to a connection that is gone draws an RST.
    const isReset = () => client.socket.destroyed || (client.socket.write("x"), client.socket.destroyed);
    await expect.poll(isReset).toBe(true);
    expect(client.text()).toContain("404");
  });

  it("closes at once when the peer's FIN comes first", async () => {
    const { client, side } = await world.upgrade();
    side.close("fin", 60_000);
    client.end();
    await client.closed;
    await expect.poll(() => clock.pending()).toBe(0);
  });

  it("resets", async () => {
    const { client, side } = await world.upgrade();
    side.close("reset", 0);
    expect(await client.ended).toBe("reset");
  });

  it("is consumed once", async () => {
    const { side } = await world.upgrade();
    const { side: other } = await world.dial();
    const { id } = world.start({ client: side, backend: other });
    expect(() => world.start({ client: side, backend: other })).toThrow("consumed once");
    side.close("reset", 0);
    world.relay.cut(id, "admin");
  });

  it("tells who the peer is", async () => {
    const { client, side } = await world.upgrade();
    expect(side).toMatchObject({
      party: "client",
      facts: { address: "127.0.0.1", port: client.socket.localPort, tls: null },
    });
    expect(side.facts.localPort).toBe(world.port);
    side.close("reset", 0);
  });
});

it("pauses its connection while it holds enough, and resumes it when some was read", async () => {
  const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done(), final: (done) => done() });
  const facts = { address: "", port: 0, localAddress: "", localPort: 0, tls: null };
  const side = new HeldSide("client", facts, 10, createFakeClock());
  side.attach(new Wire(stream, side, false));
  const arrive = async (bytes: string): Promise<void> => {
    stream.push(bytes);
    await nextTurn();
  };
  await arrive("123456");
  expect(stream.isPaused()).toBe(false);
  await arrive("7890");
  expect(stream.isPaused()).toBe(true);
  expect(Buffer.from((await side.read()) ?? []).toString()).toBe("123456");
  expect(stream.isPaused()).toBe(false);
  side.close("reset", 0);
});

/** Resolves once a figure has been the same for ten looks in a row. */
async function standsStill(figure: () => number): Promise<void> {
  for (let [same, before] = [0, Number.NaN]; same < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    same = figure() === before ? same + 1 : 0;
    before = figure();
  }
}
