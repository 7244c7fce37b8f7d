import { readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Party } from "../../../src/base/endings.ts";
import type { CloseOrder, RelayEnd } from "../../../src/proxy/relay/relay.ts";
import { makeCertificate } from "../../harness/make-certificate.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import type { RawPeer } from "../../harness/raw-client.ts";
import { parseFrames } from "../../harness/reference-parser.ts";
import { openWorld, type World } from "./relay-world.ts";

/** Schedules in all; a tenth of them over TLS. */
const SCHEDULES = Number(process.env["RELAY_SCHEDULES"] ?? 10_000);
const PARALLEL = 100;

type Step = "frame" | "part" | "close" | "pause" | "resume" | "fin" | "reset" | "turn" | "drain";
/** What one peer did, as its own side of the story. */
type Story = { sent: Buffer[]; frames: number; whole: boolean; closed: boolean; over: "fin" | "reset" | null };

/** Repeatable numbers in [0, 1): mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const STEPS: readonly Step[] = ["frame", "frame", "frame", "part", "close", "pause", "resume", "fin", "reset", "turn"];

const DRAIN: CloseOrder = {
  cause: "drain",
  words: { client: { code: 1012, reason: "" }, backend: { code: 1001, reason: "" } },
  closeMs: 300,
};

function makeSchedule(random: () => number): readonly (readonly [Party, Step])[] {
  const steps = Array.from({ length: 2 + Math.floor(random() * 8) }, (): readonly [Party, Step] => [
    random() < 0.5 ? "client" : "backend",
    STEPS[Math.floor(random() * STEPS.length)] as Step,
  ]);
  return random() < 0.2 ? steps.with(Math.floor(random() * steps.length), ["client", "drain"]) : steps;
}

type Actor = {
  readonly drain: () => void;
  readonly party: Party;
  readonly peer: RawPeer;
  readonly story: Story;
  readonly random: () => number;
};

function write({ peer, story }: Actor, bytes: Uint8Array): boolean {
  if (story.over !== null || !story.whole || story.closed) return false;
  story.sent.push(Buffer.from(bytes));
  peer.socket.write(bytes);
  return true;
}

function frameOf({ party, story, random }: Actor): Uint8Array {
  const payload = Buffer.alloc(Math.floor(random() * (random() < 0.1 ? 60_000 : 300)), story.frames + 1);
  story.frames += 1;
  return makeFrame(party, { opcode: 2, payload });
}

const ACTS: Record<Step, (actor: Actor) => void> = {
  frame: (actor) => write(actor, frameOf(actor)),
  part: (actor) => {
    const frame = frameOf(actor);
    const part = frame.subarray(0, 1 + Math.floor(actor.random() * (frame.length - 1)));
    if (write(actor, part)) actor.story.whole = false;
  },
  close: (actor) => {
    write(actor, makeFrame(actor.party, { opcode: 8, payload: Buffer.from([3, 232]) }));
    actor.story.closed = true;
  },
  pause: ({ peer }) => peer.socket.pause(),
  resume: ({ peer }) => peer.socket.resume(),
  fin: ({ peer, story }) => {
    story.over ??= "fin";
    peer.end();
  },
  reset: ({ peer, story }) => {
    if (story.over === null) peer.reset();
    story.over ??= "reset";
  },
  turn: () => {},
  drain: ({ drain }) => drain(),
};

type Played = { readonly end: RelayEnd; readonly stories: Record<Party, Story>; readonly got: Record<Party, Buffer> };

async function play(world: World, random: () => number): Promise<Played> {
  const lane = await world.open({ closeMs: 5_000 });
  const peers = { client: lane.client, backend: lane.backend };
  const story = (): Story => ({ sent: [], frames: 0, whole: true, closed: false, over: null });
  const stories = { client: story(), backend: story() };
  const drain = (): void => world.relay.requestClose(lane.id, DRAIN);
  for (const [party, step] of makeSchedule(random)) {
    ACTS[step]({ party, peer: peers[party], story: stories[party], random, drain });
    if (random() < 0.5) await nextTurn();
  }
  for (const party of ["client", "backend"] as const) {
    peers[party].socket.resume();
    if (stories[party].over === null) peers[party].end();
    stories[party].over ??= "fin";
  }
  const end = await lane.end;
  await Promise.all([lane.client.closed, lane.backend.closed]);
  return { end, stories, got: { client: lane.clientGot(), backend: lane.backend.received() } };
}

/** What is wrong with the bytes that went from one peer to the other. */
function faultsOf(from: Party, { end, stories, got }: Played): readonly string[] {
  const to = from === "client" ? "backend" : "client";
  const sent = Buffer.concat(stories[from].sent);
  const received = got[to];
  // A backend that ends inside a frame has the client reset, which ends what the client says as well.
  const spared =
    stories.client.over === "fin" && stories.backend.over === "fin" && stories.backend.whole && end.cause !== "drain";
  const complete = received.subarray(0, sent.length).equals(sent);
  return [
    ...(withoutOurClose(received, sent) === null ? [`what reached the ${to} is not what was sent`] : []),
    ...(spared && stories[from].whole && !complete ? [`bytes before the FIN of the ${from} are missing`] : []),
    ...(end.from[from].bytes > sent.length ? [`more bytes of the ${from} were counted than it sent`] : []),
  ];
}

/** The beginning of `sent` that arrived; null if anything but a Close of ours, at a boundary, was added or changed. */
function withoutOurClose(received: Buffer, sent: Buffer): Buffer | null {
  if (received.equals(sent.subarray(0, received.length))) return received;
  const { frames, rest } = parseFrames(received);
  const last = frames.at(-1);
  if (rest.length > 0 || last?.opcode !== 8) return null;
  const before = received.subarray(0, last.start);
  return before.equals(sent.subarray(0, before.length)) ? before : null;
}

function describeFailure(seed: number, faults: readonly string[], { end, stories }: Played): string {
  const steps = makeSchedule(createRandom(seed)).map(([party, step]) => `${party} ${step}`);
  return JSON.stringify({ seed, faults, steps, over: [stories.client.over, stories.backend.over], end });
}

const { pem } = await makeCertificate("localhost");

describe.each([
  { name: "shared reads", options: { reads: "shared" } as const, first: 0, count: SCHEDULES * 0.45 },
  { name: "plain reads", options: { reads: "plain" } as const, first: SCHEDULES, count: SCHEDULES * 0.45 },
  {
    name: "clients over TLS",
    options: { tls: { key: pem.key, cert: pem.chain } },
    first: 2 * SCHEDULES,
    count: SCHEDULES * 0.1,
  },
])("random ends with $name", ({ options, first, count }) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(options);
  });
  afterAll(() => world.close());

  it("delivers the last byte before every FIN, ends each connection once, and leaks no descriptor", async () => {
    const descriptors = (): number => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    const ids = new Set<number>();
    const failures: string[] = [];
    // Each way of reading plays schedules of its own.
    for (let seed = first; seed < first + count; seed += PARALLEL) {
      const batch = Array.from({ length: Math.min(PARALLEL, first + count - seed) }, (_, index) => seed + index);
      const runs = batch.map(async (number) => {
        const played = await play(world, createRandom(number));
        const faults = [...faultsOf("client", played), ...faultsOf("backend", played)];
        if (faults.length > 0) failures.push(describeFailure(number, faults, played));
        ids.add(played.end.id);
      });
      await Promise.all(runs);
    }
    expect(failures).toEqual([]);
    expect(ids.size).toBe(count);
    expect(world.ends).toHaveLength(count);
    await expect.poll(descriptors, { timeout: 5_000 }).toBeLessThanOrEqual(before);
  }, 120_000);
});
