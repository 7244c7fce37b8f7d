import { mayBeSent } from "./close-frame.ts";
import { CELL, type FrameCursor } from "./cursor-cells.ts";
import { headerBytes, LENGTH, MAX_CONTROL_PAYLOAD_BYTES, OPCODE } from "./frame-header.ts";
import { BREACH, type FrameRules } from "./frame-rules.ts";

/** Floating point must not refuse the last frame of an allowance. */
const TOLERANCE_MS = 0.001;

/** Judges the bits of a control frame's first two bytes (RFC 6455 5.5); an index of BREACH. Changes nothing. */
export function judgeControl(rules: FrameRules, first: number, second: number): number {
  if ((second & 0x80) !== rules.maskBit) return rules.maskBit === 0 ? BREACH.masked : BREACH.unmasked;
  if ((first & 0x70 & ~rules.otherRsv) !== 0) return BREACH.rsv;
  if ((first & 0x0f) > OPCODE.pong && !rules.reservedOpcodes) return BREACH.opcode;
  if ((first & 0x80) === 0) return BREACH.fragmentedControl;
  if ((second & 0x7f) > MAX_CONTROL_PAYLOAD_BYTES) return BREACH.longControl;
  if ((first & 0x0f) === OPCODE.close && (second & 0x7f) === 1) return BREACH.closeBody;
  return BREACH.none;
}

/** Counts a control frame that is whole in the hold and judges its rate, and a Close's code (RFC 6455 7.4). */
export function countControl(cursor: FrameCursor, nowMs: number): number {
  const { cells, base, rules, hold, holdBase } = cursor;
  cells[base + CELL.frames] = (cells[base + CELL.frames] as number) + 1;
  if (!allow(cursor, CELL.controlsAt, nowMs)) return BREACH.controlRate;
  const first = hold[holdBase] as number;
  const second = hold[holdBase + 1] as number;
  if ((first & 0x0f) !== OPCODE.close || (second & 0x7f) === 0) return BREACH.none;
  const body = holdBase + headerBytes(second);
  let code = ((hold[body] as number) << 8) | (hold[body + 1] as number);
  if (rules.maskBit !== 0) code ^= ((hold[body - 4] as number) << 8) | (hold[body - 3] as number);
  return mayBeSent(code) ? BREACH.none : BREACH.closeCode;
}

/** Judges the header of a data frame and counts it if it may pass; an index of BREACH. `bits` is its first byte, and its second times 256. */
export function judgeData(cursor: FrameCursor, bits: number, length: number, nowMs: number): number {
  const { rules } = cursor;
  if (((bits >> 8) & 0x80) !== rules.maskBit) return rules.maskBit === 0 ? BREACH.masked : BREACH.unmasked;
  if (length === LENGTH.negative) return BREACH.negativeLength;
  if (length === LENGTH.longForm) return BREACH.longForm;
  const breach = (bits & 0x0f) === 0 ? judgeContinuation(cursor, bits) : judgeStart(cursor, bits);
  if (breach !== BREACH.none) return breach;
  const over = judgeSize(cursor, bits, length);
  if (over !== BREACH.none) return over;
  if ((bits & 0x0f) !== 0 && !allow(cursor, CELL.messagesAt, nowMs)) return BREACH.messageRate;
  countData(cursor, bits, length);
  return BREACH.none;
}

function judgeContinuation({ cells, base, rules }: FrameCursor, bits: number): number {
  if ((bits & 0x70 & ~rules.otherRsv) !== 0) return BREACH.rsv;
  return cells[base + CELL.open] === 0 ? BREACH.strayContinuation : BREACH.none;
}

function judgeStart({ cells, base, rules }: FrameCursor, bits: number): number {
  if ((bits & 0x70 & ~rules.startRsv) !== 0) return BREACH.rsv;
  if ((bits & 0x0f) > OPCODE.binary) return rules.reservedOpcodes ? BREACH.none : BREACH.opcode;
  return cells[base + CELL.open] === 0 ? BREACH.none : BREACH.interruptedMessage;
}

function judgeSize({ cells, base, rules }: FrameCursor, bits: number, length: number): number {
  if (length === Number.POSITIVE_INFINITY) return BREACH.inexactLength;
  if (length > rules.maxFrameBytes) return BREACH.frameBytes;
  const continues = (bits & 0x0f) === 0;
  const before = continues ? (cells[base + CELL.messageBytes] as number) : 0;
  if (before + length > rules.maxMessageBytes) return BREACH.messageBytes;
  const fragments = continues ? (cells[base + CELL.fragments] as number) : 0;
  return fragments + 1 > rules.maxFragments ? BREACH.fragments : BREACH.none;
}

function countData({ cells, base }: FrameCursor, bits: number, length: number): void {
  cells[base + CELL.frames] = (cells[base + CELL.frames] as number) + 1;
  const final = (bits & 0x80) !== 0;
  if (final) cells[base + CELL.messages] = (cells[base + CELL.messages] as number) + 1;
  if ((bits & 0x0f) !== 0) {
    // Only an extension's own opcode gets here inside a message, and it is not a part of it.
    if (cells[base + CELL.open] === 1 || final) return;
    cells[base + CELL.messageBytes] = 0;
    cells[base + CELL.fragments] = 0;
  }
  cells[base + CELL.open] = final ? 0 : 1;
  cells[base + CELL.messageBytes] = (cells[base + CELL.messageBytes] as number) + length;
  cells[base + CELL.fragments] = (cells[base + CELL.fragments] as number) + 1;
}

/** The generic cell rate algorithm: one number instead of tokens and a time. */
function allow(cursor: FrameCursor, cell: number, nowMs: number): boolean {
  const { cells, base, rules } = cursor;
  const ofMessages = cell === CELL.messagesAt;
  const eachMs = ofMessages ? rules.messageMs : rules.controlMs;
  if (eachMs === 0) return true;
  const usedUpTo = Math.max(cells[base + cell] as number, nowMs);
  const burstMs = ofMessages ? rules.messageBurstMs : rules.controlBurstMs;
  if (usedUpTo - nowMs > burstMs + TOLERANCE_MS) return false;
  cells[base + cell] = usedUpTo + eachMs;
  return true;
}
