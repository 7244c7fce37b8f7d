import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Party } from "../../../src/base/endings.ts";
import { CLOSE_WORDS, type Situation } from "../../../src/proxy/relay/close-words.ts";
import type { CloseOrder, RelayEnd, RelaySettings } from "../../../src/proxy/relay/relay.ts";
import { createFakeClock, type FakeClock } from "../../harness/fake-clock.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import { closeFrame, type Lane, openWorld, spell, type World } from "./relay-world.ts";

type Sending = (lane: Lane) => Promise<unknown>;
type Row = {
  readonly settings?: Partial<RelaySettings>;
  readonly happens: Sending;
  readonly codes: { readonly client: number; readonly backend: number };
  readonly end: Partial<RelayEnd>;
};

const messages = (from: Party, count: number): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, () => makeFrame(from, { opcode: 1, payload: "m" })));
const from =
  (party: Party, bytes: Uint8Array): Sending =>
  (lane) =>
    lane[party].send(bytes);
const both = (client: number, backend = client) => ({ client, backend });
const rate = { perSecond: 2, burst: 2 };
const NO_RATE = { perSecond: 0, burst: 0 };

/** What the relay itself ends a connection for; the peers are well behaved but for that. */
const OWN: readonly (readonly [string, Row])[] = [
  [
    "a client's frame that is too large",
    {
      settings: { maxFrameBytes: both(10, 0) },
      happens: from("client", makeFrame("client", { opcode: 2, payload: Buffer.alloc(11) })),
      codes: both(1009, 1001),
      end: { cause: "limit", by: "client" },
    },
  ],
  [
    "a backend's message that is too large",
    {
      settings: { maxMessageBytes: both(0, 10) },
      happens: from("backend", makeFrame("backend", { opcode: 2, payload: Buffer.alloc(11) })),
      codes: both(1009, 1001),
      end: { cause: "limit", by: "backend" },
    },
  ],
  [
    "a client's length over 2^53-1",
    {
      happens: from("client", makeFrame("client", { opcode: 2, claim: 2n ** 60n })),
      codes: both(1009, 1001),
      end: { cause: "limit", by: "client" },
    },
  ],
  [
    "more messages a second than a client may send",
    {
      settings: { messages: { client: rate, backend: NO_RATE } },
      happens: from("client", messages("client", 3)),
      codes: both(1008, 1001),
      end: { cause: "limit", by: "client" },
    },
  ],
  [
    "more control frames a second than a backend may send",
    {
      settings: { controlFramesPerSecond: 2 },
      happens: from("backend", Buffer.concat(Array.from({ length: 3 }, () => makeFrame("backend", { opcode: 10 })))),
      codes: both(1008, 1001),
      end: { cause: "limit", by: "backend" },
    },
  ],
  [
    "bad framing by the client",
    {
      happens: from("client", makeFrame("backend", { opcode: 1, payload: "unmasked" })),
      codes: both(1002, 1001),
      end: { cause: "protocol-error", by: "client" },
    },
  ],
  [
    "bad framing by the backend",
    {
      happens: from("backend", makeFrame("backend", { opcode: 3 })),
      codes: both(1014, 1002),
      end: { cause: "protocol-error", by: "backend" },
    },
  ],
];

/** What somebody else asks the relay to end a connection for. */
const ORDERED: readonly (readonly [CloseOrder["cause"] & Situation, number])[] = [
  ["drain", 1012],
  ["endpoint-terminating", 1012],
  ["route-removed", 1012],
  ["shed", 1013],
  ["policy", 1008],
  ["token-expired", 1008],
  ["admin", 1001],
];

describe.each(["shared", "plain"] as const)("what both peers are told, with %s reads", (reads) => {
  let clock: FakeClock;
  let world: World;
  beforeEach(async () => {
    clock = createFakeClock(1_000);
    world = await openWorld({ reads, clock });
  });
  afterEach(() => world.close());

  /** Both peers answer their Close as RFC 6455 wants it; every code that each of them was told. */
  async function finish(lane: Lane): Promise<{ readonly codes: object; readonly end: RelayEnd }> {
    const toClient = await closeTo(lane, "client");
    // A peer whose framing is broken is read no more: its answer changes nothing.
    await lane.client.send(closeFrame("client", toClient));
    const toBackend = await closeTo(lane, "backend");
    await lane.backend.send(closeFrame("backend", toBackend));
    lane.backend.end();
    expect(await lane.client.ended).toBe("fin");
    lane.client.end();
    const end = await lane.end;
    const closes = { client: closesOf(lane.clientGot()), backend: closesOf(lane.backend.received()) };
    expect([closes.client.length, closes.backend.length]).toEqual([1, 1]);
    return { codes: { client: toClient, backend: toBackend }, end };
  }

  it.each(OWN)("after %s", async (_what, { settings = {}, happens, codes, end }) => {
    const lane = await world.open(settings);
    await happens(lane);
    const found = await finish(lane);
    expect(found.codes).toEqual(codes);
    expect(found.end).toMatchObject(end);
  });

  it.each(ORDERED)("on the order %s", async (cause, code) => {
    const lane = await world.open();
    world.relay.requestClose(lane.id, { cause, words: CLOSE_WORDS[cause], closeMs: 10_000 });
    const { codes, end } = await finish(lane);
    expect(codes).toEqual({ client: code, backend: 1001 });
    expect(end).toMatchObject({ cause, by: "proxy", clean: true });
  });

  it.each([
    ["idle", { idleMs: 30_000 }, "close:1001 idle timeout"],
    ["lifetime", { lifetimeMs: 30_000 }, "close:1012 maximum connection duration"],
  ] as const)("when it is over by %s", async (cause, settings, words) => {
    const lane = await world.open(settings);
    clock.advance(29_900);
    expect(lane.clientGot()).toHaveLength(0);
    clock.advance(200);
    const { codes, end } = await finish(lane);
    expect(spell(lane.clientGot())).toEqual([words]);
    expect(codes).toMatchObject({ backend: 1001 });
    expect(end).toMatchObject({ cause, by: "proxy", clean: true });
  });

  it("waits with its FIN to the backend for the backend's own, half of closeMs at most", async () => {
    const patient = await world.open();
    world.relay.requestClose(patient.id, { cause: "drain", words: CLOSE_WORDS.drain, closeMs: 10_000 });
    await closeTo(patient, "client");
    await patient.client.send(closeFrame("client", 1012));
    await closeTo(patient, "backend");
    await patient.backend.send(closeFrame("backend", 1001));
    expect(await patient.client.ended).toBe("fin");
    patient.client.end();
    await patient.client.closed;
    clock.advance(4_800);
    // A frame that comes after the backend's Close is read and dropped: the connection is still there in both directions.
    await patient.backend.send(messages("backend", 1));
    expect([patient.backend.socket.readableEnded, patient.backend.socket.destroyed]).toEqual([false, false]);
    clock.advance(400);
    expect(await patient.backend.ended).toBe("fin");
    patient.backend.end();
    expect(await patient.end).toMatchObject({ cause: "drain", clean: true });
  });

  it("bounds a half-open connection by closeMs", async () => {
    for (const leaver of ["client", "backend"] as const) {
      const lane = await world.open();
      const stayer = leaver === "client" ? lane.backend : lane.client;
      lane[leaver].end();
      expect(await stayer.ended).toBe("fin");
      clock.advance(9_800);
      expect(stayer.socket.destroyed).toBe(false);
      clock.advance(400);
      expect((await lane.end).sides[leaver === "client" ? "backend" : "client"].ended).toBe("timeout");
    }
  });

  it("resets both, as stalled, when the backend accepts no byte for stallMs", async () => {
    const lane = await world.open();
    lane.backend.socket.pause();
    lane.client.socket.write(makeFrame("client", { opcode: 2, claim: 20_000_000n }));
    lane.client.socket.write(Buffer.alloc(20_000_000));
    await expect
      .poll(async () => (await world.relay.inspect([lane.id]))[0]?.from.client.queuedBytes, { timeout: 10_000 })
      .toBeGreaterThan(65_536);
    clock.advance(59_000);
    expect(world.ends).toHaveLength(0);
    clock.advance(20_000);
    expect(await lane.end).toMatchObject({ cause: "stalled", by: "backend", clean: false });
    expect(await lane.client.ended).toBe("reset");
  });

  it("is due by one timer, however many connections there are", async () => {
    const settings = { idleMs: 60_000, lifetimeMs: 90_000, pingMs: both(20_000), pongMs: 10_000 };
    await world.open(settings);
    const timers = clock.pending();
    for (let more = 0; more < 20; more += 1) await world.open(settings);
    expect(clock.pending()).toBe(timers);
    expect(timers).toBeLessThanOrEqual(1);
  });
});

/** The code of the one Close that this peer was told. */
async function closeTo(lane: Lane, party: Party): Promise<number> {
  const got = (): Buffer => (party === "client" ? lane.clientGot() : lane.backend.received());
  await lane[party].until(() => closesOf(got()).length > 0);
  return closesOf(got())[0] ?? 0;
}

function closesOf(bytes: Uint8Array): readonly number[] {
  return spell(bytes).flatMap((word) => (word.startsWith("close:") ? [Number(word.slice(6, 10))] : []));
}
