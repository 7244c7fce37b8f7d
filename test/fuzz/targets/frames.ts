import { deepStrictEqual } from "node:assert/strict";
import type { Party } from "../../../src/base/endings.ts";
import type { FrameSettings } from "../../../src/proxy/relay/frame-rules.ts";
import { type FrameRecipe, makeStream } from "../../harness/make-frame.ts";
import { cutAt, NO_LIMITS } from "../../proxy/relay/follow-stream.ts";
import { byCursor, byReference } from "../../proxy/relay/judge-cursor.ts";
import type { Target } from "../target.ts";

/** The bytes in front of the stream: whose it is, its extensions, its limits, and where reads cut it. */
const PREFIX_BYTES = 8;
const EXTENSIONS = ["none", "deflate", "other"] as const;
const LIMITS = [0, 5, 125, 65_535] as const;

const STREAMS: readonly (readonly FrameRecipe[])[] = [
  [{ opcode: 1, payload: "hello" }],
  [
    { opcode: 2, payload: "a", fin: false },
    { opcode: 9, payload: "ping" },
    { opcode: 0, payload: "b" },
  ],
  [
    { opcode: 1, payload: "x".repeat(126) },
    { opcode: 8, payload: Uint8Array.of(3, 232) },
  ],
  [{ opcode: 2, payload: new Uint8Array(70_000), form: 8 }, { opcode: 10 }],
  [{ opcode: 2, rsv: 4, payload: "deflated" }, { opcode: 0, fin: false }, { opcode: 3 }],
  [{ opcode: 2, claim: 2n ** 63n }],
];

/** Streams of WebSocket frames, in any chunks, against a reference that is RFC 6455 read aloud. */
export const frames: Target = {
  name: "frames",
  seeds: () =>
    STREAMS.flatMap((stream, index) => [
      withPrefix([0, index, index, 1, 2, 3, 4, 5], makeStream("client", stream)),
      withPrefix([1, index, 0, 200, 100, 50, 25, 12], makeStream("backend", stream)),
    ]),
  dictionary: [
    "\x81\x80",
    "\x88\x02\x03\xe8",
    "\x8a\x80",
    "\xff\xff",
    "\x7f\x00\x00\x00\x00\x00\x01\x00\x00",
    "\x7e\x00\x7e",
  ],
  maxBytes: 80_000,
  lanes: 1,
  open: () => Promise.resolve({ judge, close: () => Promise.resolve() }),
};

function withPrefix(prefix: readonly number[], stream: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([Uint8Array.from(prefix), stream]));
}

function judge(input: Uint8Array): Promise<void> {
  const [whose = 0, extensions = 0, limits = 0, ...cuts] = input.subarray(0, PREFIX_BYTES);
  const stream = input.subarray(PREFIX_BYTES);
  const from: Party = whose % 2 === 0 ? "client" : "backend";
  const settings = settingsOf(extensions, limits);
  const chunks = cutAt(
    stream,
    cuts.map((cut) => Math.floor((cut * stream.length) / 256)),
  );
  deepStrictEqual(byCursor(from, settings, chunks), byReference(from, settings, stream));
  return Promise.resolve();
}

function settingsOf(extensions: number, limits: number): FrameSettings {
  const frameBytes = LIMITS[limits % 4] ?? 0;
  const messageBytes = LIMITS[(limits >> 2) % 4] ?? 0;
  return {
    ...NO_LIMITS,
    extensions: EXTENSIONS[extensions % 3] ?? "none",
    maxFrameBytes: { client: frameBytes, backend: frameBytes },
    maxMessageBytes: { client: messageBytes, backend: messageBytes },
    maxFragments: (limits >> 4) % 4,
  };
}
