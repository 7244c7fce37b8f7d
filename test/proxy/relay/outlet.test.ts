import { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { Outlet, WriteSlab } from "../../../src/proxy/relay/outlet.ts";
import { Wire } from "../../../src/proxy/relay/wire.ts";

/** An outlet to a peer that takes each write only when told to; `written` are the very bytes that it was given. */
function openOutlet(slab: WriteSlab) {
  const written: Buffer[] = [];
  let taken: (() => void) | null = null;
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk);
      taken = done;
    },
    final: (done) => done(),
  });
  const ignore = (): void => {};
  const owner = { onBytes: ignore, onEnd: ignore, onClosed: ignore, onTaken: () => outlet.onTaken() };
  const outlet = new Outlet(new Wire(stream, owner, false), slab);
  const say = (text: string): void => {
    outlet.put(Buffer.from(text), 0, text.length);
    outlet.flush();
  };
  const take = (): void => {
    const done = taken;
    taken = null;
    done?.();
  };
  return {
    outlet,
    say,
    take,
    texts: () => written.map(String),
    memory: () => new Set(written.map((each) => each.buffer)),
  };
}

it("never writes over bytes that are still under way, whoever writes next", () => {
  const slab = new WriteSlab();
  const slow = openOutlet(slab);
  const others = Array.from({ length: 3 }, () => openOutlet(slab));
  slow.say("slow one's");
  for (const [at, other] of others.entries()) other.say(`other ${at}`);
  expect(slow.texts()).toEqual(["slow one's"]);
  expect(others.map(({ texts }) => texts())).toEqual([["other 0"], ["other 1"], ["other 2"]]);
});

it("uses memory again when all writes in it were taken, and not before", () => {
  const slab = new WriteSlab();
  const peers = Array.from({ length: 6 }, () => openOutlet(slab));
  const text = (at: number): string => `${at}`.repeat(30_000);
  // Two writes fill one piece of memory.
  for (const [at, peer] of peers.entries()) {
    peer.say(text(at));
    if (at === 2) peers[0]?.take();
  }
  expect(peers.map(({ texts }, at) => at === 0 || texts()[0] === text(at))).not.toContain(false);
});

it("needs no more memory than is under way at once", () => {
  const peer = openOutlet(new WriteSlab());
  for (let writes = 0; writes < 20; writes += 1) {
    peer.say("0123456789".repeat(3_000));
    peer.take();
  }
  expect(peer.texts()).toHaveLength(20);
  expect(peer.memory().size).toBe(1);
});

it("joins what waits into one write, when the peer has taken the one before", () => {
  const peer = openOutlet(new WriteSlab());
  for (const text of ["a", "b", "c"]) peer.say(text);
  expect(peer.texts()).toEqual(["a"]);
  expect(peer.outlet.waitingBytes).toBe(3);
  peer.take();
  expect(peer.texts()).toEqual(["a", "bc"]);
  peer.take();
  expect(peer.outlet.waitingBytes).toBe(0);
  expect(peer.outlet.undeliveredBytes).toBe(0);
});

it("writes more than the shared memory holds, in order", () => {
  const peer = openOutlet(new WriteSlab());
  const large = Buffer.alloc(300_000, "0123456789");
  peer.outlet.put(large, 0, large.length);
  peer.outlet.flush();
  for (let writes = 0; writes < 10; writes += 1) peer.take();
  expect(peer.texts().join("") === large.toString()).toBe(true);
});
