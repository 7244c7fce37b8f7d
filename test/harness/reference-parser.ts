/** One frame of a stream, taken apart without regard to speed. */
export type ReferenceFrame = {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** Unmasked. */
  readonly payload: Uint8Array;
  /** Where it begins in the stream, and its length on the wire. */
  readonly start: number;
  readonly bytes: number;
};

/** The frames of a stream, and the bytes after the last whole one. */
export type ReferenceStream = { readonly frames: readonly ReferenceFrame[]; readonly rest: Uint8Array };

/** Cuts a whole stream into frames, by RFC 6455 5.2 read top to bottom; judges nothing. Lengths over 2^53-1 end it. */
export function parseFrames(stream: Uint8Array): ReferenceStream {
  const frames: ReferenceFrame[] = [];
  let start = 0;
  for (;;) {
    const frame = parseFrame(stream, start);
    if (frame === null) return { frames, rest: stream.slice(start) };
    frames.push(frame);
    start += frame.bytes;
  }
}

/** The frame that begins at `start`; null unless it is there whole. */
export function parseFrame(stream: Uint8Array, start: number): ReferenceFrame | null {
  const header = parseHeader(stream, start);
  if (header === null) return null;
  const { size, length, first, masked } = header;
  if (start + size + length > stream.length) return null;
  const key = stream.slice(start + size - 4, start + size);
  const payload = stream.slice(start + size, start + size + length);
  return {
    fin: first >= 128,
    rsv: Math.floor(first / 16) % 8,
    opcode: first % 16,
    masked,
    payload: masked ? payload.map((byte, index) => byte ^ (key[index % 4] ?? 0)) : payload,
    start,
    bytes: size + length,
  };
}

/** A header that is there whole; `wide` is its length exactly. */
export type ReferenceHeader = {
  readonly first: number;
  readonly masked: boolean;
  readonly size: number;
  readonly length: number;
  readonly wide: bigint;
  /** Bytes of extended length: 0, 2 or 8. */
  readonly extended: number;
};

/** The header that begins at `start`; null unless it is there whole. */
export function parseHeader(stream: Uint8Array, start: number): ReferenceHeader | null {
  const [first, second] = stream.slice(start, start + 2);
  if (first === undefined || second === undefined) return null;
  const masked = second >= 128;
  const short = second % 128;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const size = 2 + extended + (masked ? 4 : 0);
  if (start + size > stream.length) return null;
  const digits = stream.slice(start + 2, start + 2 + extended);
  const wide = extended === 0 ? BigInt(short) : digits.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return { first, masked, size, length: Number(wide), wide, extended };
}
