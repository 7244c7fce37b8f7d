import { randomFillSync } from "node:crypto";
import type { CloseWords, Party } from "../../base/endings.ts";
import { headerBytes, MAX_CONTROL_PAYLOAD_BYTES, OPCODE } from "./frame-header.ts";

/** The longest reason: a control frame's payload without the code (RFC 6455 5.5, 5.5.1). */
export const MAX_REASON_BYTES = MAX_CONTROL_PAYLOAD_BYTES - 2;

/** What a Close without a body means, never sent (RFC 6455 7.4.1). */
export const NO_STATUS_RECEIVED = 1005;

const FIN = 0x80;
const MASK = 0x80;
const KEY_BYTES = 4;
const decoder = new TextDecoder();

/**
 * A Close frame for `to`. The reason is cut to 123 bytes, never inside a code point. A code that must not be on the wire
 * (1005, 1006, 1015, or outside 1000 to 4999) gives a Close without a body.
 */
export function encodeClose(to: Party, words: CloseWords): Uint8Array {
  if (!mayBeSent(words.code)) return encodeControl(to, OPCODE.close, new Uint8Array(0));
  const code = Uint8Array.of(words.code >> 8, words.code & 0xff);
  return encodeControl(to, OPCODE.close, Buffer.concat([code, cutReason(words.reason)]));
}

/** A Ping frame for `to` (RFC 6455 5.5.2); throws a RangeError if the payload is over 125 bytes. */
export function encodePing(to: Party, payload: Uint8Array): Uint8Array {
  return encodeControl(to, OPCODE.ping, payload);
}

/** A Pong frame for `to` (RFC 6455 5.5.3); throws a RangeError if the payload is over 125 bytes. */
export function encodePong(to: Party, payload: Uint8Array): Uint8Array {
  return encodeControl(to, OPCODE.pong, payload);
}

/** Whether a code may be in a Close frame (RFC 6455 7.4): 1000 to 4999 without those that stand for the lack of a frame. */
export function mayBeSent(code: number): boolean {
  return Number.isInteger(code) && code >= 1000 && code < 5000 && code !== 1005 && code !== 1006 && code !== 1015;
}

/** The payload of a whole control frame, unmasked, in bytes of its own. */
export function controlPayload(frame: Uint8Array): Uint8Array {
  const second = frame[1] ?? 0;
  const start = headerBytes(second);
  const payload = frame.slice(start, start + (second & 0x7f));
  if ((second & MASK) !== 0) applyMask(payload, frame.subarray(start - KEY_BYTES, start));
  return payload;
}

/** What a whole Close frame says; the code is 1005 if it has no body (RFC 6455 7.1.5). Invalid UTF-8 becomes U+FFFD. */
export function readClose(frame: Uint8Array): CloseWords {
  const [high, low, ...rest] = controlPayload(frame);
  if (high === undefined || low === undefined) return { code: NO_STATUS_RECEIVED, reason: "" };
  return { code: (high << 8) | low, reason: decoder.decode(Uint8Array.from(rest)) };
}

/** Whether a whole control frame is the Pong to a Ping with exactly this payload. */
export function answersPing(frame: Uint8Array, payload: Uint8Array): boolean {
  if (((frame[0] ?? 0) & 0x0f) !== OPCODE.pong || ((frame[1] ?? 0) & 0x7f) !== payload.length) return false;
  return controlPayload(frame).every((byte, index) => byte === payload[index]);
}

function cutReason(reason: string): Uint8Array {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return bytes;
  let end = MAX_REASON_BYTES;
  // 10xxxxxx continues a code point (RFC 3629 3): the cut goes before its first byte.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

function encodeControl(to: Party, opcode: number, payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_CONTROL_PAYLOAD_BYTES) throw new RangeError("a control frame holds at most 125 bytes");
  const masked = to === "backend";
  const start = masked ? 2 + KEY_BYTES : 2;
  const frame = new Uint8Array(start + payload.length);
  frame[0] = FIN | opcode;
  frame[1] = (masked ? MASK : 0) | payload.length;
  frame.set(payload, start);
  // The key must be new and unpredictable for every frame (RFC 6455 5.3).
  if (masked) applyMask(frame.subarray(start), randomFillSync(frame.subarray(2, start)));
  return frame;
}

function applyMask(payload: Uint8Array, key: Uint8Array): void {
  for (let at = 0; at < payload.length; at += 1) payload[at] = (payload[at] ?? 0) ^ (key[at % KEY_BYTES] ?? 0);
}
