/** Opcodes of RFC 6455 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The longest payload of a control frame (RFC 6455 5.5). */
export const MAX_CONTROL_PAYLOAD_BYTES = 125;

/** The longest control frame: a short header, a masking key and its payload. */
export const MAX_CONTROL_FRAME_BYTES = 2 + 4 + MAX_CONTROL_PAYLOAD_BYTES;

/** `payloadLength` for a length whose highest bit is set, and for one that is not in its shortest form. */
export const LENGTH = { negative: -1, longForm: -2 } as const;

/** Bit 3 of the opcode: set on control frames, also on reserved ones. */
export function isControl(first: number): boolean {
  return (first & 0x08) !== 0;
}

/** How many bytes the header has, by its second byte: 2 to 14. */
export function headerBytes(second: number): number {
  const length = second & 0x7f;
  const key = (second & 0x80) === 0 ? 0 : 4;
  if (length < 126) return 2 + key;
  return length === 126 ? 4 + key : 10 + key;
}

/**
 * The payload length of the header that begins at `at` and is there whole: exact up to 2^53-1, Infinity above,
 * or one of LENGTH (RFC 6455 5.2: the shortest form, highest bit clear).
 */
export function payloadLength(bytes: Uint8Array, at: number): number {
  const short = (bytes[at + 1] as number) & 0x7f;
  if (short < 126) return short;
  if (short === 126) {
    const length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    return length < 126 ? LENGTH.longForm : length;
  }
  return longLength(bytes, at + 2);
}

function longLength(bytes: Uint8Array, at: number): number {
  if ((bytes[at] as number) >= 0x80) return LENGTH.negative;
  let length = 0;
  for (let index = at; index < at + 8; index += 1) length = length * 256 + (bytes[index] as number);
  if (length > Number.MAX_SAFE_INTEGER) return Number.POSITIVE_INFINITY;
  return length < 0x10000 ? LENGTH.longForm : length;
}
