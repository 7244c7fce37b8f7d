import type { Party } from "../../../src/base/endings.ts";
import { createCursorPages, type FrameCursor } from "../../../src/proxy/relay/cursor-cells.ts";
import { createReading, heldOf, type Outcome, step, violationOf } from "../../../src/proxy/relay/frame-cursor.ts";
import { type FrameSettings, frameRules, type Violation } from "../../../src/proxy/relay/frame-rules.ts";

/** No limits and no extensions. */
export const NO_LIMITS: FrameSettings = {
  extensions: "none",
  maxFrameBytes: { client: 0, backend: 0 },
  maxMessageBytes: { client: 0, backend: 0 },
  maxFragments: 0,
  messages: { client: { perSecond: 0, burst: 0 }, backend: { perSecond: 0, burst: 0 } },
  controlFramesPerSecond: 0,
};

/** A cursor at the start of a stream. */
export function openCursor(from: Party, settings: Partial<FrameSettings> = {}): FrameCursor {
  return createCursorPages(1).open(frameRules(from, { ...NO_LIMITS, ...settings }));
}

/** What became of a stream: what left, whole control frames, and what stopped it. */
export type Followed = {
  readonly output: Uint8Array;
  readonly controls: readonly Uint8Array[];
  /** One for each step. */
  readonly outcomes: readonly Outcome[];
  readonly violation: Violation | null;
  readonly discarded: number;
};

/** Feeds the chunks to a cursor as an engine would, which forwards every control frame that `forward` agrees to. */
export function followStream(
  cursor: FrameCursor,
  chunks: readonly Uint8Array[],
  { nowMs = () => 0, forward = () => true }: FollowOptions = {},
): Followed {
  const reading = createReading();
  const output: Uint8Array[] = [];
  const controls: Uint8Array[] = [];
  const outcomes: Outcome[] = [];
  let discarded = 0;
  const act: Record<Outcome, (held: Uint8Array, run: Uint8Array) => void> = {
    "need-more": () => undefined,
    pass: (held, run) => output.push(held, run),
    control: (held) => {
      controls.push(held);
      if (forward(held)) output.push(held);
    },
    violation: (_, run) => {
      discarded += run.length;
    },
    discard: (_, run) => {
      discarded += run.length;
    },
  };
  for (const bytes of chunks) {
    Object.assign(reading, { bytes, from: 0, to: bytes.length, nowMs: nowMs() });
    while (reading.from < reading.to) {
      const outcome = step(cursor, reading);
      outcomes.push(outcome);
      act[outcome](heldOf(cursor, reading).slice(), bytes.slice(reading.runFrom, reading.runTo));
    }
  }
  return { output: Buffer.concat(output), controls, outcomes, violation: violationOf(cursor), discarded };
}

type FollowOptions = { readonly nowMs?: () => number; readonly forward?: (frame: Uint8Array) => boolean };

/** A stream one byte at a time. */
export function bytewise(stream: Uint8Array): readonly Uint8Array[] {
  return Array.from(stream, (byte) => Uint8Array.of(byte));
}

/** A stream cut at the given places. */
export function cutAt(stream: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
  return places.slice(1).map((end, index) => stream.slice(places[index], end));
}
