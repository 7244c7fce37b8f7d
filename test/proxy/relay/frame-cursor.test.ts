import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { answersPing, readClose } from "../../../src/proxy/relay/close-frame.ts";
import {
  bytesToBoundary,
  countsOf,
  createReading,
  discount,
  heldBytes,
  heldOf,
  positionOf,
  step,
  violationOf,
} from "../../../src/proxy/relay/frame-cursor.ts";
import type { FrameSettings } from "../../../src/proxy/relay/frame-rules.ts";
import { type FrameRecipe, makeFrame, makeStream } from "../../harness/make-frame.ts";
import { bytewise, cutAt, followStream, openCursor } from "./follow-stream.ts";

const TEXT: FrameRecipe = { opcode: 1, payload: "hello" };
const PING: FrameRecipe = { opcode: 9, payload: "are you there" };

/** What a client's stream comes to, given whole. */
function follow(recipes: readonly FrameRecipe[], settings: Partial<FrameSettings> = {}) {
  const cursor = openCursor("client", settings);
  const stream = makeStream("client", recipes);
  return { ...followStream(cursor, [stream]), ...countsOf(cursor), stream };
}

/** The code that the last frame is refused with; "leaks" if anything else than the frames before it has left. */
function refusedWith(recipes: readonly FrameRecipe[], settings: Partial<FrameSettings> = {}): number | "leaks" {
  const before = makeStream("client", recipes.slice(0, -1));
  const whole = follow(recipes, settings);
  const bytes = followStream(openCursor("client", settings), bytewise(whole.stream));
  const leaks = [whole, bytes].some(({ output }) => !Buffer.from(output).equals(before));
  return leaks || whole.violation !== bytes.violation ? "leaks" : (whole.violation?.code ?? 0);
}

/** The same again and again. */
function times<T>(count: number, value: T): readonly T[] {
  return Array.from({ length: count }, () => value);
}

function both(value: number): { readonly client: number; readonly backend: number } {
  return { client: value, backend: value };
}

describe("1. Any chunking, down to one byte a read, gives the same events and output, across all three length forms.", () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536])("A payload of %i bytes.", (length) => {
    const stream = makeStream("backend", [{ opcode: 2, payload: new Uint8Array(length).fill(7) }, PING, TEXT]);
    const cuts = [[], [1], [2], [3], [2, 4], [9], [10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [length + 2, length + 12]];
    for (const chunks of [bytewise(stream), ...cuts.map((places) => cutAt(stream, places))]) {
      const cursor = openCursor("backend");
      const { output, controls, violation } = followStream(cursor, chunks);
      expect(Buffer.compare(output, stream)).toBe(0);
      expect(controls).toEqual([makeFrame("backend", PING)]);
      expect(violation).toBeNull();
      expect(countsOf(cursor)).toEqual({ frames: 3, messages: 2 });
    }
  });
});

describe("2. Length bit 63 set, non-minimal length: 1002; over 2^53-1: 1009, whatever the limits; none forwards a header byte.", () => {
  test("Length bit 63 set: 1002.", () => {
    expect(refusedWith([TEXT, { opcode: 2, claim: 2n ** 63n }])).toBe(1002);
    expect(refusedWith([TEXT, { opcode: 2, claim: 2n ** 64n - 1n }], { maxFrameBytes: both(10) })).toBe(1002);
  });
  test("Non-minimal length: 1002.", () => {
    expect(refusedWith([TEXT, { opcode: 2, claim: 125n, form: 2 }])).toBe(1002);
    expect(refusedWith([TEXT, { opcode: 2, claim: 0n, form: 2 }])).toBe(1002);
    expect(refusedWith([TEXT, { opcode: 2, claim: 65_535n, form: 8 }])).toBe(1002);
    expect(refusedWith([TEXT, { opcode: 2, claim: 5n, form: 8 }])).toBe(1002);
  });
  test("Over 2^53-1: 1009, whatever the limits, and 2^53-1 itself is followed.", () => {
    expect(refusedWith([TEXT, { opcode: 2, claim: 2n ** 53n }])).toBe(1009);
    expect(refusedWith([TEXT, { opcode: 2, claim: 2n ** 63n - 1n }])).toBe(1009);
    const cursor = openCursor("client");
    const { violation } = followStream(cursor, [makeFrame("client", { opcode: 2, claim: 2n ** 53n - 1n })]);
    expect(violation).toBeNull();
    expect(bytesToBoundary(cursor)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("3. A zero-length frame is a frame; a zero-length unfragmented message is a message; an empty final continuation ends its message.", () => {
  test("A zero-length unfragmented message is a frame and a message.", () => {
    expect(follow([{ opcode: 1 }])).toMatchObject({ frames: 1, messages: 1, violation: null });
  });
  test("An empty final continuation ends its message.", () => {
    const parts = [{ opcode: 1, fin: false }, { opcode: 0 }, TEXT];
    expect(follow(parts)).toMatchObject({ frames: 3, messages: 2, violation: null });
  });
});

test("4. A Ping between fragments resets neither opcode, message length nor fragment count.", () => {
  const parts = [{ opcode: 2, payload: "1234", fin: false }, PING, { opcode: 0, payload: "5678", fin: false }, PING];
  expect(follow([...parts, { opcode: 0, payload: "9" }])).toMatchObject({ messages: 1, violation: null });
  expect(refusedWith([...parts, TEXT])).toBe(1002);
  expect(refusedWith([...parts, { opcode: 0, payload: "9" }], { maxMessageBytes: both(8) })).toBe(1009);
  expect(refusedWith([...parts, { opcode: 0, payload: "9" }], { maxFragments: 2 })).toBe(1009);
});

test("5. A continuation without a start, or a new text/binary inside a fragmented message: 1002.", () => {
  expect(refusedWith([TEXT, { opcode: 0, payload: "x" }])).toBe(1002);
  expect(refusedWith([TEXT, { opcode: 1, fin: false }, { opcode: 0 }, { opcode: 0 }])).toBe(1002);
  for (const opcode of [1, 2])
    expect(
      refusedWith([
        { opcode: 1, fin: false },
        { opcode, payload: "x" },
      ]),
    ).toBe(1002);
});

describe("6. RSV1: without negotiated extensions an error; with permessage-deflate allowed on the first data frame only; with other extensions RSV bits and reserved opcodes are not judged.", () => {
  test("Without negotiated extensions every RSV bit is an error.", () => {
    for (const rsv of [1, 2, 4]) {
      expect(refusedWith([TEXT, { ...TEXT, rsv }])).toBe(1002);
      expect(refusedWith([TEXT, { ...PING, rsv }])).toBe(1002);
    }
  });
  test("With permessage-deflate RSV1 is allowed on the first data frame only.", () => {
    const deflate = { extensions: "deflate" } as const;
    const start = { opcode: 1, rsv: 4, fin: false };
    expect(follow([start, { opcode: 0 }, { ...TEXT, rsv: 4 }], deflate)).toMatchObject({
      messages: 2,
      violation: null,
    });
    expect(refusedWith([start, { opcode: 0, rsv: 4 }], deflate)).toBe(1002);
    expect(refusedWith([start, { ...PING, rsv: 4 }], deflate)).toBe(1002);
    for (const rsv of [1, 2, 5, 6]) expect(refusedWith([TEXT, { ...TEXT, rsv }], deflate)).toBe(1002);
    expect(refusedWith([TEXT, { opcode: 3 }], deflate)).toBe(1002);
  });
  test("With other extensions RSV bits and reserved opcodes are not judged, and all else is.", () => {
    const other = { extensions: "other" } as const;
    const odd = [
      { ...TEXT, rsv: 7 },
      { opcode: 5, rsv: 1, payload: "x" },
      { opcode: 12, rsv: 2, payload: "y" },
    ];
    expect(follow(odd, other)).toMatchObject({ frames: 3, messages: 2, violation: null });
    expect(refusedWith([{ opcode: 12, fin: false }], other)).toBe(1002);
    expect(refusedWith([{ opcode: 0 }], other)).toBe(1002);
    expect(refusedWith([{ ...TEXT, key: null }], other)).toBe(1002);
  });
  test("An extension's own frame inside a fragmented message resets neither its length nor its fragments.", () => {
    const other = { extensions: "other" } as const;
    const parts = [
      { opcode: 2, payload: "1234", fin: false },
      { opcode: 6, payload: "own", fin: false },
    ];
    const last = { opcode: 0, payload: "5", fin: false };
    expect(refusedWith([...parts, last], { ...other, maxMessageBytes: both(4) })).toBe(1009);
    expect(refusedWith([...parts, last], { ...other, maxFragments: 1 })).toBe(1009);
    expect(follow([...parts, last], { ...other, maxMessageBytes: both(5), maxFragments: 2 }).violation).toBeNull();
  });
  test("Reserved opcodes without other extensions: 1002.", () => {
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) expect(refusedWith([TEXT, { opcode }])).toBe(1002);
  });
});

test("A client's frame without a mask and a backend's with one: 1002.", () => {
  expect(refusedWith([TEXT, { ...TEXT, key: null }])).toBe(1002);
  expect(refusedWith([TEXT, { ...PING, key: null }])).toBe(1002);
  for (const recipe of [TEXT, PING]) {
    const frame = makeFrame("backend", { ...recipe, key: [1, 2, 3, 4] });
    expect(followStream(openCursor("backend"), [frame])).toMatchObject({ violation: { code: 1002 }, controls: [] });
  }
});

test("A fragmented control frame, or one over 125 bytes: 1002, before its payload has come.", () => {
  expect(refusedWith([TEXT, { ...PING, fin: false }])).toBe(1002);
  for (const claim of [126n, 65_536n]) {
    const header = makeFrame("client", { opcode: 9, claim }).slice(0, 2);
    expect(followStream(openCursor("client"), [header]).violation?.code).toBe(1002);
  }
});

describe("7. A swallowed Pong split at each byte leaves not one byte at the backend; same payload of another length, a duplicate or a late one passes.", () => {
  const ours = Buffer.from("fairlead-1");
  const pong = { opcode: 10, payload: ours };
  const others = [
    { opcode: 10, payload: "fairlead-" },
    { opcode: 10, payload: "fairlead-12" },
  ];

  test("A swallowed Pong split at each byte leaves not one byte, and the rest as it was.", () => {
    const stream = makeStream("client", [TEXT, pong, ...others, TEXT]);
    const rest = makeStream("client", [TEXT, ...others, TEXT]);
    for (let cut = 1; cut < stream.length; cut += 1) {
      const cursor = openCursor("client");
      const forward = (frame: Uint8Array): boolean => !answersPing(frame, ours);
      const { output } = followStream(cursor, cutAt(stream, [cut]), { forward });
      expect(Buffer.compare(output, rest)).toBe(0);
    }
  });

  test("A swallowed Pong is taken out of the counts and of the control-frame rate.", () => {
    const cursor = openCursor("client", { controlFramesPerSecond: 2 });
    const forward = (): boolean => {
      discount(cursor);
      return false;
    };
    const { violation } = followStream(cursor, bytewise(makeStream("client", times(50, pong))), { forward });
    expect(violation).toBeNull();
    expect(countsOf(cursor)).toEqual({ frames: 0, messages: 0 });
  });
});

test("8. A client's Pong is unmasked before comparing; an all-zero mask works.", () => {
  for (const key of [
    [0, 0, 0, 0],
    [255, 255, 255, 255],
    [1, 2, 3, 4],
  ]) {
    const { controls } = follow([{ opcode: 10, payload: "tag", key }]);
    expect(controls.map((frame) => answersPing(frame, Buffer.from("tag")))).toEqual([true]);
  }
});

describe("9. Close with 0, 1, 2 and 125 bytes of body, and received codes 1005, 1006, 1015, 999: reported; 1 byte or a forbidden code: 1002.", () => {
  const close = (code: number, reason = ""): Uint8Array => {
    return Buffer.concat([Uint8Array.of(code >> 8, code & 255), Buffer.from(reason)]);
  };
  test.each([0, 2, 125])("A body of %i bytes is reported and may pass.", (length) => {
    const payload = length === 0 ? "" : close(1001, "r".repeat(length - 2));
    const { controls, violation, output, stream } = follow([TEXT, { opcode: 8, payload }]);
    const words = length === 0 ? { code: 1005, reason: "" } : { code: 1001, reason: "r".repeat(length - 2) };
    expect(controls.map(readClose)).toEqual([words]);
    expect(violation).toBeNull();
    expect(Buffer.compare(output, stream)).toBe(0);
  });
  test("A body of 1 byte: 1002.", () => {
    expect(refusedWith([TEXT, { opcode: 8, payload: "x" }])).toBe(1002);
  });
  test.each([1005, 1006, 1015, 999, 0, 5000, 65_535])("A received code %i is reported with its 1002.", (code) => {
    expect(refusedWith([TEXT, { opcode: 8, payload: close(code, "why") }])).toBe(1002);
    for (const from of ["client", "backend"] as const) {
      const cursor = openCursor(from);
      const bytes = makeFrame(from, { opcode: 8, payload: close(code, "why") });
      const reading = { ...createReading(), bytes, to: bytes.length };
      expect(step(cursor, reading)).toBe("violation");
      expect(readClose(heldOf(cursor, reading))).toEqual({ code, reason: "why" });
    }
  });
  test.each([1000, 1004, 1012, 1016, 2999, 3000, 4999])("A code %i is for the peers to judge.", (code) => {
    expect(follow([{ opcode: 8, payload: close(code) }]).violation).toBeNull();
  });
});

test("10. Bytes after a Close in that direction are discarded unparsed, without an error and without being kept.", () => {
  const cursor = openCursor("client");
  const garbage = new Uint8Array(200_000).fill(0xff);
  const stream = Buffer.concat([makeStream("client", [TEXT, { opcode: 8 }]), garbage]);
  const { output, violation, discarded } = followStream(cursor, cutAt(stream, [3, 12, 19, 5000, 70_000]));
  expect(output.length).toBe(stream.length - garbage.length);
  expect(violation).toBeNull();
  expect(discarded).toBe(garbage.length);
  expect(heldBytes(cursor)).toBe(0);
});

test("15. While part of a header is held nothing of it has left, so that a Close can go at once.", () => {
  const before = makeFrame("client", TEXT);
  const header = makeFrame("client", { opcode: 2, payload: new Uint8Array(70_000) }).slice(0, 14);
  for (let length = 1; length < header.length; length += 1) {
    const cursor = openCursor("client");
    const { output } = followStream(cursor, [before, header.slice(0, length)]);
    expect(Buffer.compare(output, before)).toBe(0);
    expect(positionOf(cursor)).toBe("held");
    expect(heldBytes(cursor)).toBe(length);
    expect(bytesToBoundary(cursor)).toBe(0);
  }
});

test("16. A message over the limit at a continuation: nothing of the continuation leaves, so that 1009 goes between the fragments.", () => {
  const parts = [
    { opcode: 2, payload: "12345", fin: false },
    { opcode: 0, payload: "67890", fin: false },
  ];
  expect(refusedWith([...parts, { opcode: 0, payload: "x" }], { maxMessageBytes: both(10) })).toBe(1009);
});

test("17. A frame exactly at the limit passes; one byte more does not.", () => {
  for (const length of [1, 125, 126, 65_535, 65_536]) {
    const frame = { opcode: 2, payload: new Uint8Array(length) };
    const more = { opcode: 2, payload: new Uint8Array(length + 1) };
    for (const limits of [{ maxFrameBytes: both(length) }, { maxMessageBytes: both(length) }]) {
      expect(follow([frame, frame], limits)).toMatchObject({ messages: 2, violation: null });
      const { violation, output, stream } = follow([frame, more], limits);
      expect(violation?.code).toBe(1009);
      expect(output.length).toBeLessThan(stream.length - length);
    }
  }
});

test("A limit of one party does not bind the other.", () => {
  const limits = { maxFrameBytes: { client: 4, backend: 0 } };
  expect(followStream(openCursor("backend", limits), [makeFrame("backend", TEXT)]).violation).toBeNull();
  expect(followStream(openCursor("client", limits), [makeFrame("client", TEXT)]).violation?.code).toBe(1009);
});

describe("18. Control-frame floods and one-byte fragments hit controlFramesPerSecond and maxFragments, not only message rate.", () => {
  test("A flood of Pings is stopped at the rate, with a second's worth at once, and recovers with time.", () => {
    const cursor = openCursor("client", { controlFramesPerSecond: 10 });
    const ping = makeFrame("client", PING);
    expect(followStream(cursor, times(10, ping)).controls).toHaveLength(10);
    expect(followStream(cursor, times(5, ping), { nowMs: () => 500 }).controls).toHaveLength(5);
    const { violation, controls } = followStream(cursor, [ping], { nowMs: () => 500 });
    expect(violation).toMatchObject({ code: 1008, cause: "limit" });
    expect(controls).toEqual([]);
  });
  test("One-byte fragments are stopped at maxFragments.", () => {
    const parts = Array.from({ length: 8 }, (_, index) => ({ opcode: index === 0 ? 1 : 0, payload: "x", fin: false }));
    expect(refusedWith([...parts, { opcode: 0, payload: "x" }], { maxFragments: 8 })).toBe(1009);
    expect(follow(parts, { maxFragments: 8 }).violation).toBeNull();
  });
  test("Neither counts as messages, and messages have a rate and burst of their own.", () => {
    const messages = { client: { perSecond: 5, burst: 3 }, backend: { perSecond: 0, burst: 0 } };
    const cursor = openCursor("client", { messages });
    const parts = [{ ...TEXT, fin: false }, ...times(40, PING), { opcode: 0, fin: false }, { opcode: 0 }];
    expect(followStream(cursor, [makeStream("client", [...parts, TEXT, TEXT])]).violation).toBeNull();
    expect(followStream(cursor, [makeFrame("client", TEXT)], { nowMs: () => 200 }).violation).toBeNull();
    const { violation, output } = followStream(cursor, [makeFrame("client", TEXT)], { nowMs: () => 399 });
    expect(violation).toMatchObject({ code: 1008, cause: "limit" });
    expect(output).toHaveLength(0);
  });
});

test("19. A FIN mid-frame or mid-header can be told from one at a boundary, at every byte.", () => {
  const frame = makeFrame("client", { opcode: 1, payload: "hello" });
  const ping = makeFrame("client", { opcode: 9, payload: "hello" });
  const at = (bytes: Uint8Array, length: number): string => {
    const cursor = openCursor("client");
    followStream(cursor, [bytes.slice(0, length)]);
    return positionOf(cursor);
  };
  expect(Array.from(frame, (_, index) => at(frame, index))).toEqual([
    "boundary",
    ...times(5, "held"),
    ...times(5, "payload"),
  ]);
  expect(Array.from(ping, (_, index) => at(ping, index))).toEqual(["boundary", ...times(10, "held")]);
  expect([at(frame, frame.length), at(ping, ping.length)]).toEqual(["boundary", "boundary"]);
});

describe("One read is one run", () => {
  test("when many small messages need no attention.", () => {
    const { outcomes, messages } = follow(times(500, { opcode: 2, payload: new Uint8Array(64) }));
    expect(outcomes).toEqual(["pass"]);
    expect(messages).toBe(500);
  });
  test("and ends where a control frame begins.", () => {
    expect(follow([TEXT, TEXT, PING, TEXT, TEXT]).outcomes).toEqual(["pass", "control", "pass"]);
  });
  test("and carries on behind a header that came in two reads.", () => {
    const stream = makeStream("client", times(10, TEXT));
    expect(followStream(openCursor("client"), cutAt(stream, [3])).outcomes).toEqual(["need-more", "pass"]);
  });
});

test("A read cut to bytesToBoundary finishes the frame and begins no other.", () => {
  const stream = makeStream("client", [{ opcode: 2, payload: new Uint8Array(300) }, TEXT]);
  const cursor = openCursor("client");
  followStream(cursor, [stream.slice(0, 100)]);
  expect(bytesToBoundary(cursor)).toBe(208);
  const { outcomes, output } = followStream(cursor, [stream.slice(100, 100 + bytesToBoundary(cursor))]);
  expect([outcomes, output.length, positionOf(cursor)]).toEqual([["pass"], 208, "boundary"]);
});

test("A violation is reported once, after what came before it has left; all that follows is discarded.", () => {
  const cursor = openCursor("client");
  const bad = makeStream("client", [{ opcode: 0 }, TEXT]);
  const { outcomes, discarded } = followStream(cursor, [Buffer.concat([makeFrame("client", TEXT), bad]), bad]);
  expect(outcomes).toEqual(["pass", "violation", "discard"]);
  expect(discarded).toBe(2 * bad.length);
  expect(violationOf(cursor)?.detail).toBe("a continuation without a message");
});

test("A step allocates nothing: 600 000 steps need no garbage collection.", async () => {
  const cursor = openCursor("client", { controlFramesPerSecond: 1e9 });
  const bytes = makeStream("client", [TEXT, PING, TEXT]);
  const reading = { ...createReading(), bytes };
  const run = (rounds: number): void => {
    for (let round = 0; round < rounds; round += 1) {
      for (let part = 0; part < bytes.length; part += 7) {
        reading.from = part;
        reading.to = Math.min(part + 7, bytes.length);
        while (reading.from < reading.to) step(cursor, reading);
      }
    }
  };
  run(30_000);
  const observer = new PerformanceObserver(() => undefined);
  observer.observe({ entryTypes: ["gc"] });
  run(120_000);
  await setImmediate();
  const collections = observer.takeRecords().length;
  observer.disconnect();
  expect(countsOf(cursor)).toEqual({ frames: 450_000, messages: 300_000 });
  // One number a step would fill the young generation many times.
  expect(collections).toBeLessThanOrEqual(2);
});
