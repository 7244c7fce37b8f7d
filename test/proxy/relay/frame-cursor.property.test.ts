import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Party } from "../../../src/base/endings.ts";
import { countsOf, positionOf } from "../../../src/proxy/relay/frame-cursor.ts";
import type { FrameSettings } from "../../../src/proxy/relay/frame-rules.ts";
import { type FrameRecipe, makeStream } from "../../harness/make-frame.ts";
import { bytewise, cutAt, followStream, NO_LIMITS, openCursor } from "./follow-stream.ts";
import { byCursor, byReference } from "./judge-cursor.ts";

const party = fc.constantFrom<Party>("client", "backend");
const payload = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom(125, 126, 127, 200, 65_535, 65_536).map((length) => new Uint8Array(length)) },
);
const closeBody = fc
  .tuple(fc.constantFrom(1000, 1001, 1005, 1006, 1012, 1015, 999, 3000, 4999, 5000), fc.string({ maxLength: 20 }))
  .map(([code, reason]) => Buffer.concat([Uint8Array.of(code >> 8, code & 255), Buffer.from(reason)]));

/** Mostly right, so that streams get far, and wrong in every way now and then. */
const frame: fc.Arbitrary<FrameRecipe> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ opcode: fc.constantFrom(1, 2), payload }) },
  { weight: 8, arbitrary: fc.record({ opcode: fc.constant(0), payload, fin: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ opcode: fc.constantFrom(1, 2), payload, fin: fc.constant(false) }) },
  { weight: 4, arbitrary: fc.record({ opcode: fc.constantFrom(9, 10), payload: fc.uint8Array({ maxLength: 125 }) }) },
  { weight: 2, arbitrary: fc.record({ opcode: fc.constant(1), payload, rsv: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ opcode: fc.constant(8), payload: closeBody }) },
  { weight: 1, arbitrary: fc.record({ opcode: fc.constant(8), payload: fc.uint8Array({ maxLength: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ opcode: fc.nat(15), payload, fin: fc.boolean(), rsv: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ opcode: fc.nat(15), payload, form: fc.constantFrom<2 | 8>(2, 8) }) },
  {
    weight: 1,
    arbitrary: fc.record({ opcode: fc.constant(2), claim: fc.bigInt(0n, 2n ** 64n - 1n), form: fc.constant<8>(8) }),
  },
  { weight: 1, arbitrary: fc.record({ opcode: fc.constant(2), key: fc.constantFrom(null, [0, 0, 0, 0]) }) },
);

const settings: fc.Arbitrary<FrameSettings> = fc
  .record({
    extensions: fc.constantFrom("none" as const, "deflate" as const, "other" as const),
    frameBytes: fc.constantFrom(0, 0, 5, 125, 65_535),
    messageBytes: fc.constantFrom(0, 0, 8, 130, 65_536),
    maxFragments: fc.constantFrom(0, 0, 1, 3),
  })
  .map(({ extensions, frameBytes, messageBytes, maxFragments }) => ({
    ...NO_LIMITS,
    extensions,
    maxFrameBytes: { client: frameBytes, backend: frameBytes },
    maxMessageBytes: { client: messageBytes, backend: messageBytes },
    maxFragments,
  }));

/** A message that is fragmented properly, with control frames in between. */
const message: fc.Arbitrary<readonly FrameRecipe[]> = fc
  .record({
    parts: fc.array(payload, { minLength: 1, maxLength: 4 }),
    ping: fc.option(fc.uint8Array({ maxLength: 125 })),
  })
  .map(({ parts, ping }) =>
    parts.flatMap((part, index) => [
      { opcode: index === 0 ? 2 : 0, payload: part, fin: index === parts.length - 1 },
      ...(ping === null ? [] : [{ opcode: 9, payload: ping }]),
    ]),
  );

/** Proper messages with something random between them now and then: streams that get far, and meet everything. */
const recipes = fc
  .array(fc.oneof({ weight: 5, arbitrary: message }, { weight: 1, arbitrary: frame.map((one) => [one]) }), {
    maxLength: 8,
  })
  .map((parts) => parts.flat());
const given = fc.record({ from: party, settings, recipes, tail: fc.uint8Array({ maxLength: 6 }) });

test("On any chunking the cursor releases, reports and counts what the reference parser does.", () => {
  fc.assert(
    fc.property(
      given,
      fc.array(fc.nat(), { maxLength: 12 }),
      ({ from, settings: limits, recipes: frames, tail }, cuts) => {
        const stream = Buffer.concat([makeStream(from, frames), tail]);
        const places = cuts.map((cut) => (stream.length === 0 ? 0 : cut % stream.length));
        expect(byCursor(from, limits, cutAt(stream, places))).toEqual(byReference(from, limits, stream));
      },
    ),
    { numRuns: 600 },
  );
});

test("Down to one byte a read the cursor releases, reports and counts what the reference parser does.", () => {
  const short = given.map((value) => ({
    ...value,
    recipes: value.recipes.filter(({ payload: body }) => (body?.length ?? 0) < 1000),
  }));
  fc.assert(
    fc.property(short, ({ from, settings: limits, recipes: frames, tail }) => {
      const stream = Buffer.concat([makeStream(from, frames), tail]);
      expect(byCursor(from, limits, bytewise(stream))).toEqual(byReference(from, limits, stream));
    }),
    { numRuns: 500 },
  );
});

test("Right streams pass whole, in order, and end at a boundary, on any chunking.", () => {
  fc.assert(
    fc.property(party, fc.array(message, { maxLength: 5 }), fc.array(fc.nat()), (from, messages, cuts) => {
      const stream = makeStream(from, messages.flat());
      const cursor = openCursor(from);
      const chunks = cutAt(
        stream,
        cuts.map((cut) => cut % (stream.length + 1)),
      );
      const { output, violation } = followStream(cursor, chunks);
      expect(violation).toBeNull();
      expect(Buffer.compare(output, stream)).toBe(0);
      expect(positionOf(cursor)).toBe("boundary");
      expect(countsOf(cursor).messages).toBe(messages.length);
    }),
    { numRuns: 300 },
  );
});

test("Random bytes neither throw nor get past the reference parser.", () => {
  fc.assert(
    fc.property(party, settings, fc.uint8Array({ maxLength: 400 }), (from, limits, stream) => {
      expect(byCursor(from, limits, [stream])).toEqual(byReference(from, limits, stream));
      expect(byCursor(from, limits, bytewise(stream))).toEqual(byReference(from, limits, stream));
    }),
    { numRuns: 600 },
  );
});
