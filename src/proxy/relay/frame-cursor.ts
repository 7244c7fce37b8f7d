import { CELL, type FrameCursor, PHASE } from "./cursor-cells.ts";
import { headerBytes, isControl, OPCODE, payloadLength } from "./frame-header.ts";
import { BREACH, VIOLATIONS, type Violation } from "./frame-rules.ts";
import { countControl, judgeControl, judgeData } from "./judge-frame.ts";

/**
 * One read, and what the last step made of it. One object serves every direction of a thread, so that a step allocates
 * nothing. The caller sets bytes, from, to and nowMs, and steps while from < to; a step moves `from` and sets the rest.
 */
export type Reading = {
  bytes: Uint8Array;
  /** The next byte to look at; at `to` the read is used up. */
  from: number;
  to: number;
  /** Monotonic milliseconds, for rate limits. */
  nowMs: number;
  /** Bytes in the cursor's hold that this outcome is about; they come before the run and are valid until the next step. */
  held: number;
  /** The bytes of this read that this outcome is about: [runFrom, runTo). */
  runFrom: number;
  runTo: number;
  /** The opcode of a control frame. */
  opcode: number;
};

/**
 * `need-more`: the rest of the read is held, nothing may leave.
 * `pass`: forward the first `held` bytes of the hold, then the run. It covers every judged data frame up to the next byte
 *   that needs attention: many frames and messages in one run, of which the last may be unfinished (see `positionOf`).
 * `control`: one whole control frame is in the hold, `held` bytes long, and leaves only if the caller forwards it (`heldOf`).
 * `violation`: reported once; nothing of the offending frame has left (see `violationOf`). The hold has it whole if it was
 *   a control frame with `held` > 0. The run is what is discarded of this read.
 * `discard`: bytes after a Close or a violation: the run is to be dropped.
 */
export type Outcome = "need-more" | "pass" | "control" | "violation" | "discard";

/** A Reading to be filled by the caller. */
export function createReading(): Reading {
  return { bytes: new Uint8Array(0), from: 0, to: 0, nowMs: 0, held: 0, runFrom: 0, runTo: 0, opcode: 0 };
}

/**
 * Follows the frames of one direction (RFC 6455 5.2) over the next bytes of a read: [from, to) must not be empty.
 * No header byte is released before the whole header was judged, and a control frame is released whole.
 */
export function step(cursor: FrameCursor, reading: Reading): Outcome {
  const { cells, base } = cursor;
  reading.held = 0;
  reading.runFrom = reading.from;
  reading.runTo = reading.from;
  if (cells[base + CELL.phase] !== PHASE.open) return afterwards(cursor, reading);
  if ((cells[base + CELL.held] as number) > 0) return resume(cursor, reading);
  return follow(cursor, reading);
}

/** Where what was released so far ends: at a frame's boundary, before a header or control frame that is partly held, or inside a payload. */
export function positionOf({ cells, base }: FrameCursor): "boundary" | "held" | "payload" {
  if ((cells[base + CELL.left] as number) > 0) return "payload";
  return (cells[base + CELL.held] as number) > 0 ? "held" : "boundary";
}

/** Payload bytes of the current data frame still to come. A read cut to this length finishes the frame and begins no other. */
export function bytesToBoundary({ cells, base }: FrameCursor): number {
  return cells[base + CELL.left] as number;
}

/** Bytes that were read and are held back: a part of a header or of a control frame. */
export function heldBytes({ cells, base }: FrameCursor): number {
  return cells[base + CELL.held] as number;
}

/** The held bytes of the last outcome: a view that is valid until the next step. */
export function heldOf({ hold, holdBase }: FrameCursor, reading: Reading): Uint8Array {
  return hold.subarray(holdBase, holdBase + reading.held);
}

/** Frames that were judged and may pass. */
export function framesOf({ cells, base }: FrameCursor): number {
  return cells[base + CELL.frames] as number;
}

/** Messages that were judged and may pass; one counts at the header of its last frame. */
export function messagesOf({ cells, base }: FrameCursor): number {
  return cells[base + CELL.messages] as number;
}

/** As framesOf and messagesOf. */
export function countsOf(cursor: FrameCursor): { readonly frames: number; readonly messages: number } {
  return { frames: framesOf(cursor), messages: messagesOf(cursor) };
}

/** Takes the control frame of the last outcome out of every count and limit: it was the answer to a Ping of ours. */
export function discount({ cells, base, rules }: FrameCursor): void {
  cells[base + CELL.frames] = (cells[base + CELL.frames] as number) - 1;
  cells[base + CELL.controlsAt] = (cells[base + CELL.controlsAt] as number) - rules.controlMs;
}

/** What the peer did wrong; null while nothing was reported. */
export function violationOf({ cells, base }: FrameCursor): Violation | null {
  return VIOLATIONS[cells[base + CELL.breach] as number] ?? null;
}

/** Whole headers in the read itself: the way of nearly every byte. */
function follow(cursor: FrameCursor, reading: Reading): Outcome {
  const { cells, base } = cursor;
  const { bytes, to } = reading;
  let at = skipPayload(cursor, reading.from, to);
  while (at < to) {
    const first = bytes[at] as number;
    const size = to - at < 2 ? Number.POSITIVE_INFINITY : headerBytes(bytes[at + 1] as number);
    if (isControl(first) || to - at < size) {
      if (at === reading.runFrom) return resume(cursor, reading);
      break;
    }
    const length = payloadLength(bytes, at);
    const breach = judgeData(cursor, first | ((bytes[at + 1] as number) << 8), length, reading.nowMs);
    if (breach !== BREACH.none) {
      cells[base + CELL.breach] = breach;
      cells[base + CELL.phase] = PHASE.breached;
      if (at === reading.runFrom) return afterwards(cursor, reading);
      break;
    }
    cells[base + CELL.left] = length;
    at = skipPayload(cursor, at + size, to);
  }
  reading.from = at;
  reading.runTo = at;
  return "pass";
}

function skipPayload({ cells, base }: FrameCursor, at: number, to: number): number {
  const left = cells[base + CELL.left] as number;
  const taken = Math.min(left, to - at);
  cells[base + CELL.left] = left - taken;
  return at + taken;
}

/** A header that comes in several reads, or a control frame: gathered in the hold until it can be judged. */
function resume(cursor: FrameCursor, reading: Reading): Outcome {
  const { cells, base, hold, holdBase } = cursor;
  const before = cells[base + CELL.held] as number;
  if (!gather(cursor, reading, 2)) return "need-more";
  const first = hold[holdBase] as number;
  const second = hold[holdBase + 1] as number;
  if (isControl(first)) return gatherControl(cursor, reading, judgeControl(cursor.rules, first, second));
  if (!gather(cursor, reading, headerBytes(second))) return "need-more";
  const length = payloadLength(hold, holdBase);
  const breach = judgeData(cursor, first | (second << 8), length, reading.nowMs);
  if (breach !== BREACH.none) return violate(cursor, reading, breach);
  cells[base + CELL.left] = length;
  cells[base + CELL.held] = 0;
  reading.held = before;
  return follow(cursor, reading);
}

function gatherControl(cursor: FrameCursor, reading: Reading, breach: number): Outcome {
  const { cells, base, hold, holdBase } = cursor;
  if (breach !== BREACH.none) return violate(cursor, reading, breach);
  const second = hold[holdBase + 1] as number;
  const size = headerBytes(second) + (second & 0x7f);
  if (!gather(cursor, reading, size)) return "need-more";
  cells[base + CELL.held] = 0;
  reading.held = size;
  reading.opcode = (hold[holdBase] as number) & 0x0f;
  const late = countControl(cursor, reading.nowMs);
  if (late !== BREACH.none) return violate(cursor, reading, late);
  if (reading.opcode === OPCODE.close) cells[base + CELL.phase] = PHASE.over;
  return "control";
}

/** Copies into the hold until it has `size` bytes; false if the read ends before. */
function gather({ cells, base, hold, holdBase }: FrameCursor, reading: Reading, size: number): boolean {
  const held = cells[base + CELL.held] as number;
  const end = Math.min(reading.to, reading.from + Math.max(0, size - held));
  let into = holdBase + held;
  for (let at = reading.from; at < end; at += 1) {
    hold[into] = reading.bytes[at] as number;
    into += 1;
  }
  reading.from = end;
  cells[base + CELL.held] = into - holdBase;
  return into - holdBase >= size;
}

function violate(cursor: FrameCursor, reading: Reading, breach: number): Outcome {
  cursor.cells[cursor.base + CELL.breach] = breach;
  cursor.cells[cursor.base + CELL.phase] = PHASE.breached;
  return afterwards(cursor, reading);
}

function afterwards({ cells, base }: FrameCursor, reading: Reading): Outcome {
  const first = cells[base + CELL.phase] === PHASE.breached;
  cells[base + CELL.phase] = PHASE.over;
  cells[base + CELL.held] = 0;
  reading.runTo = reading.to;
  reading.from = reading.to;
  return first ? "violation" : "discard";
}
