import { describe, expect, it } from "vitest";
import type { Party } from "../../../src/base/endings.ts";
import type { RelayedReport } from "../../../src/base/report.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { requestBytes } from "../../harness/incoming-request.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import type { RawPeer } from "../../harness/raw-client.ts";
import { parseFrames } from "../../harness/reference-parser.ts";
import { type House, openHouse, takingUpgrades } from "./open-house.ts";

const KEEPALIVE = { pingIntervalMs: 30_000, pongTimeoutMs: 10_000 };
/** The relay looks at its connections as often as its timer wheel turns. */
const TURN_MS = 500;
const PING = 9;
const PONG = 10;
const TEXT = 1;

type Peers = { readonly [Name in Party]: RawPeer };
type Frames = ReturnType<typeof parseFrames>["frames"];

describe("a rule with keepalive", () => {
  it.each([
    ["client", "backend", 1001],
    ["backend", "client", 1014],
  ] as const)("closes a connection whose %s answers nothing, though its %s answers", async (silent, other, code) => {
    const clock = createFakeClock(1_000);
    await using house = await openHouse(takingUpgrades, { keepalive: KEEPALIVE }, { clock });
    const peers = await connect(house);
    clock.advance(KEEPALIVE.pingIntervalMs + TURN_MS);
    await pingTo(peers, silent, 1);
    await pong(peers, other, await pingTo(peers, other, 1));
    clock.advance(KEEPALIVE.pongTimeoutMs + TURN_MS);
    await peers.client.until((bytes) => framesOf(bytes).some(({ opcode }) => opcode === 8));
    const close = framesOf(peers.client.received()).at(-1)?.payload ?? new Uint8Array(2);
    expect(Buffer.from(close).readUInt16BE()).toBe(code);
    clock.advance(20_000);
    const report = (await house.proxy.report(0)) as RelayedReport;
    expect(report).toMatchObject({ cause: "ping-timeout", by: silent });
  });

  it("leaves a connection whose peers send anything at all, a Pong or not", async () => {
    const clock = createFakeClock(1_000);
    await using house = await openHouse(takingUpgrades, { keepalive: KEEPALIVE }, { clock });
    const peers = await connect(house);
    for (let turn = 1; turn <= 3; turn += 1) {
      clock.advance(KEEPALIVE.pingIntervalMs + TURN_MS);
      await Promise.all([pingTo(peers, "client", turn), pingTo(peers, "backend", turn)]);
      clock.advance(KEEPALIVE.pongTimeoutMs - 2 * TURN_MS);
      await say(peers, "client", `alive ${turn}`);
      await say(peers, "backend", `alive ${turn}`);
    }
    expect(house.proxy.reports).toEqual([]);
  });

  it("never shows one peer the Ping or the Pong of the other", async () => {
    const clock = createFakeClock(1_000);
    await using house = await openHouse(takingUpgrades, { keepalive: KEEPALIVE }, { clock });
    const peers = await connect(house);
    clock.advance(KEEPALIVE.pingIntervalMs + TURN_MS);
    for (const party of ["client", "backend"] as const) {
      await pong(peers, party, await pingTo(peers, party, 1));
    }
    for (const party of ["client", "backend"] as const) {
      expect(framesOf(peers[party].received()).map(({ opcode }) => opcode)).toEqual([PING, TEXT]);
    }
  });
});

it("a rule without keepalive sends no Ping, however long the silence", async () => {
  const clock = createFakeClock(1_000);
  await using house = await openHouse(takingUpgrades, {}, { clock });
  const peers = await connect(house);
  for (let hour = 0; hour < 3; hour += 1) clock.advance(3_600_000);
  await say(peers, "client", "still here");
  await say(peers, "backend", "so am I");
  for (const party of ["client", "backend"] as const) {
    expect(framesOf(peers[party].received()).map(({ opcode }) => opcode)).toEqual([TEXT]);
  }
});

async function connect(house: House): Promise<Peers> {
  const client = await house.dial();
  await client.send(requestBytes());
  await client.until("\r\n\r\n");
  return { client, backend: await house.backend.connection(0) };
}

/** The frames behind the head. */
function framesOf(bytes: Buffer): Frames {
  return parseFrames(bytes.subarray(bytes.indexOf("\r\n\r\n") + 4)).frames;
}

/** Waits for this many Pings to a peer; the payload of the last. */
async function pingTo(peers: Peers, party: Party, count: number): Promise<Uint8Array> {
  const pings = (bytes: Buffer) => framesOf(bytes).filter(({ opcode }) => opcode === PING);
  const bytes = await peers[party].until((got) => pings(got).length >= count);
  return pings(bytes).at(-1)?.payload ?? new Uint8Array(0);
}

/** Answers a Ping; the message behind the Pong shows by its arrival that the relay has read both. */
async function pong(peers: Peers, party: Party, payload: Uint8Array): Promise<void> {
  await peers[party].send(makeFrame(party, { opcode: PONG, payload }));
  await say(peers, party, "after");
}

/** Sends a message, and waits until the other peer has it. */
async function say(peers: Peers, party: Party, text: string): Promise<void> {
  const other = party === "client" ? "backend" : "client";
  await peers[party].send(makeFrame(party, { opcode: TEXT, payload: text }));
  await peers[other].until((bytes) =>
    framesOf(bytes).some(({ opcode, payload }) => opcode === TEXT && Buffer.from(payload).toString() === text),
  );
}
