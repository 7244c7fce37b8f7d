import type { Party } from "../../../src/base/endings.ts";
import { countsOf } from "../../../src/proxy/relay/frame-cursor.ts";
import type { FrameSettings } from "../../../src/proxy/relay/frame-rules.ts";
import { judgeStream } from "../../harness/reference-judge.ts";
import { followStream, openCursor } from "./follow-stream.ts";

/** What became of a stream, in words that the cursor and the reference share. */
export type Judged = {
  readonly verdict: string | number;
  readonly output: string;
  readonly controls: readonly string[];
  readonly frames: number;
  readonly messages: number;
};

/** What RFC 6455 and the limits say of a whole stream. */
export function byReference(from: Party, limits: FrameSettings, stream: Uint8Array): Judged {
  const { verdict, passed, controls, frames, messages } = judgeStream(stream, from, limits);
  const whole = controls.map(({ start, bytes }) => hex(stream.slice(start, start + bytes)));
  return { verdict, output: hex(passed), controls: whole, frames, messages };
}

/** What the cursor says of the same stream, given in chunks. */
export function byCursor(from: Party, limits: FrameSettings, chunks: readonly Uint8Array[]): Judged {
  const cursor = openCursor(from, limits);
  const { output, controls, violation } = followStream(cursor, chunks);
  const closed = controls.some(([first = 0]) => first % 16 === 8);
  const verdict = violation?.code ?? (closed ? "closed" : "open");
  return { verdict, output: hex(output), controls: controls.map(hex), ...countsOf(cursor) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
