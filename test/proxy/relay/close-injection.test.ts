import { constants, deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Party } from "../../../src/base/endings.ts";
import type { CloseOrder } from "../../../src/proxy/relay/relay.ts";
import { makeFrame, makeStream } from "../../harness/make-frame.ts";
import { parseFrames } from "../../harness/reference-parser.ts";
import { closeFrame, openWorld, spell, type World } from "./relay-world.ts";

const ORDER: CloseOrder = {
  cause: "drain",
  words: { client: { code: 1012, reason: "" }, backend: { code: 1001, reason: "" } },
  closeMs: 10_000,
};
const PARALLEL = 30;

/** A compressed message in three fragments, with a Ping and an empty fragment between, then a plain one. */
function fragmentedStream(from: Party): Uint8Array {
  const packed = deflateRawSync(Buffer.from("fairlead ".repeat(30)), { finishFlush: constants.Z_SYNC_FLUSH });
  return makeStream(from, [
    { opcode: 1, rsv: 4, fin: false, payload: packed.subarray(0, 20) },
    { opcode: 9, payload: "mid" },
    { opcode: 0, fin: false, payload: packed.subarray(20, 25) },
    { opcode: 0, fin: false, payload: "" },
    { opcode: 0, payload: packed.subarray(25) },
    { opcode: 2, payload: Buffer.alloc(130, 9) },
  ]);
}

/** The frames of `stream` that are finished when a Close is asked for after `offset` bytes, and the one under way. */
function framesUntil(stream: Uint8Array, offset: number): number {
  const { frames } = parseFrames(stream);
  const headers = frames.map((frame) => ({ ...frame, body: frame.start + frame.bytes - frame.payload.length }));
  // A header that is not there whole, or a control frame, is held and dropped.
  const begun = headers.filter(({ start, bytes, body, opcode, payload }) =>
    opcode >= 8 || payload.length === 0 ? start + bytes <= offset : body <= offset,
  );
  return begun.at(-1) === undefined ? 0 : (begun.at(-1)?.start ?? 0) + (begun.at(-1)?.bytes ?? 0);
}

describe.each(["shared", "plain"] as const)(
  "a Close at every offset of a fragmented, compressed stream, with %s reads",
  (reads) => {
    let world: World;
    beforeAll(async () => {
      world = await openWorld({ reads });
    });
    afterAll(() => world.close());

    async function injectAt(from: Party, stream: Uint8Array, offset: number): Promise<readonly string[]> {
      const lane = await world.open({ extensions: "deflate" });
      const peer = from === "client" ? lane.client : lane.backend;
      const got = from === "client" ? lane.backend.received : lane.clientGot;
      await peer.send(stream.subarray(0, offset));
      while ((await world.relay.inspect([lane.id]))[0]?.from[from].bytes !== offset) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      world.relay.requestClose(lane.id, ORDER);
      if (from === "client") {
        // Its own Close is what ends the client's direction: at once, behind whatever frame is under way.
        await lane.clientGets(4);
        const end = framesUntil(stream, offset);
        await peer.send(
          Buffer.concat([
            stream.subarray(offset, Math.max(offset, endOfFrame(stream, offset))),
            closeFrame(from, 1012),
          ]),
        );
        await lane.backend.until((bytes) => spell(bytes).at(-1) === "close:1001");
        world.relay.cut(lane.id, "admin");
        await lane.end;
        return judge(stream, got(), Math.max(end, endOfFrame(stream, offset)));
      }
      await peer.send(stream.subarray(offset));
      await lane.client.until(() => spell(lane.clientGot()).at(-1) === "close:1012");
      world.relay.cut(lane.id, "admin");
      await lane.end;
      return judge(stream, got(), framesUntil(stream, offset));
    }

    it.each(["backend", "client"] as const)("leaves whole frames and one Close of what the %s sends", async (from) => {
      const stream = fragmentedStream(from);
      const faults: string[] = [];
      const offsets = Array.from({ length: stream.length + 1 }, (_, offset) => offset);
      for (let at = 0; at < offsets.length; at += PARALLEL) {
        const batch = offsets.slice(at, at + PARALLEL);
        const found = await Promise.all(batch.map((offset) => injectAt(from, stream, offset)));
        faults.push(...found.flatMap((each, index) => each.map((fault) => `offset ${batch[index]}: ${fault}`)));
      }
      expect(faults).toEqual([]);
    });
  },
);

/** Where the frame ends that is under way, even in its header, after `offset` bytes. */
function endOfFrame(stream: Uint8Array, offset: number): number {
  const frame = parseFrames(stream).frames.find(({ start, bytes }) => start < offset && offset < start + bytes);
  return frame === undefined ? offset : frame.start + frame.bytes;
}

function judge(stream: Uint8Array, got: Buffer, expected: number): readonly string[] {
  const { frames, rest } = parseFrames(got);
  const last = frames.at(-1);
  const before = got.subarray(0, last?.start ?? 0);
  return [
    ...(rest.length > 0 ? ["bytes follow the Close"] : []),
    ...(last?.opcode === 8 ? [] : ["no Close at the end"]),
    ...(before.equals(Buffer.from(stream.subarray(0, before.length))) ? [] : ["what came before was changed"]),
    ...(before.length === expected ? [] : [`${before.length} bytes before the Close instead of ${expected}`]),
  ];
}

describe("a Ping at a frame's boundary", () => {
  it("is kept out of a frame that is under way", async () => {
    const world = await openWorld();
    const lane = await world.open({ pingMs: { client: 20, backend: 0 } });
    const frame = makeFrame("backend", { opcode: 2, payload: Buffer.alloc(1000, 1) });
    await lane.backend.send(frame.subarray(0, 500));
    await lane.clientGets(500);
    await expect.poll(async () => (await world.relay.inspect([lane.id]))[0]?.quietMs).toBeGreaterThan(250);
    expect(lane.clientGot()).toHaveLength(500);
    await lane.backend.send(Buffer.concat([frame.subarray(500), frame]));
    await lane.client.until(
      () => spell(lane.clientGot()).length >= 3 && !spell(lane.clientGot()).at(-1)?.startsWith("rest"),
    );
    const kinds = parseFrames(lane.clientGot()).frames.map(({ opcode }) => opcode);
    expect(kinds.slice(0, 3)).toEqual([2, 9, 2]);
    await world.close();
  });
});
