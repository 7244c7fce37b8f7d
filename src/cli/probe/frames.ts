import { randomBytes } from "node:crypto";
import { constants, inflateRawSync } from "node:zlib";
import {
  headerBytes,
  isControl,
  MAX_CONTROL_PAYLOAD_BYTES,
  OPCODE,
  payloadLength,
} from "../../proxy/relay/frame-header.ts";
import { ProbeError } from "./findings.ts";
import type { Taken } from "./wire.ts";

/** One frame of the server (RFC 6455 5.2). */
export type Frame = {
  readonly opcode: number;
  readonly fin: boolean;
  /** Set on the first frame of a compressed message (RFC 7692 6). */
  readonly compressed: boolean;
  readonly payload: Buffer;
};

/** The largest message that a probe takes. */
export const MAX_MESSAGE = 1024 * 1024;

const KNOWN = new Set<number>(Object.values(OPCODE));

/** The frame at the front of what came; null if it is not all there. Throws ProbeError at what breaks the protocol. */
export function takeFrame(bytes: Buffer, deflate: boolean): Taken<Frame> {
  if (bytes.length < 2) return null;
  const [first = 0, second = 0] = bytes;
  requireLegal(first, second, deflate);
  const start = headerBytes(second);
  if (bytes.length < start) return null;
  const length = payloadLength(bytes, 0);
  if (length < 0) violates("a frame's length is not in its shortest form");
  if (length > MAX_MESSAGE) violates(`a frame is larger than ${MAX_MESSAGE} bytes, which is all that a probe takes`);
  if (bytes.length < start + length) return null;
  const payload = Buffer.from(bytes.subarray(start, start + length));
  const frame = { opcode: first & 0x0f, fin: (first & 0x80) !== 0, compressed: (first & 0x40) !== 0, payload };
  return { value: frame, bytes: start + length };
}

/** A masked data frame of one whole message (RFC 6455 5.3). */
export function encodeText(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const key = randomBytes(4);
  const masked = payload.map((byte, at) => byte ^ (key[at % 4] ?? 0));
  return Buffer.concat([Buffer.of(0x80 | OPCODE.text), encodeLength(length), key, masked]);
}

/** A compressed message as it was (RFC 7692 7.2.2). Throws ProbeError if it cannot be, or would be too large. */
export function inflate(payload: Buffer): Buffer {
  try {
    const tail = Buffer.of(0, 0, 0xff, 0xff);
    const options = { maxOutputLength: MAX_MESSAGE, finishFlush: constants.Z_SYNC_FLUSH };
    return inflateRawSync(Buffer.concat([payload, tail]), options);
  } catch {
    return violates("a compressed message cannot be read, or is too large");
  }
}

/** Throws the ProbeError of a broken protocol. */
export function violates(reason: string): never {
  throw new ProbeError("ProtocolViolation", { reason });
}

function requireLegal(first: number, second: number, deflate: boolean): void {
  const opcode = first & 0x0f;
  if (!KNOWN.has(opcode)) violates(`a frame has the reserved opcode ${opcode}`);
  if ((second & 0x80) !== 0) violates("the server masks its frames");
  if ((first & 0x30) !== 0) violates("a frame sets a reserved bit");
  const mayCompress = deflate && !isControl(first) && opcode !== OPCODE.continuation;
  if ((first & 0x40) !== 0 && !mayCompress) violates("a frame is compressed, and that was not agreed on");
  if (isControl(first)) requireLegalControl(first, second);
}

function requireLegalControl(first: number, second: number): void {
  if ((first & 0x80) === 0) violates("a control frame is fragmented");
  if ((second & 0x7f) > MAX_CONTROL_PAYLOAD_BYTES) violates("a control frame is longer than 125 bytes");
}

function encodeLength(length: number): Buffer {
  if (length < 126) return Buffer.of(0x80 | length);
  const header = Buffer.alloc(length < 0x10000 ? 3 : 9);
  header[0] = 0x80 | (length < 0x10000 ? 126 : 127);
  if (length < 0x10000) header.writeUInt16BE(length, 1);
  else header.writeBigUInt64BE(BigInt(length), 1);
  return header;
}
