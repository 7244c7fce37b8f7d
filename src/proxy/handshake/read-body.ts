import type { Framing } from "./body-framing.ts";

/** The next bytes of a stream; null at its end. */
export type ReadBytes = () => Promise<Uint8Array | null>;

// Extensions of a chunk, and one trailer line, are dropped unread; nobody needs longer ones.
const MAX_LINE_BYTES = 4_096;
const MAX_TRAILERS = 64;

/**
 * The content of a body, piece by piece, without its framing; trailers are dropped. Throws when the stream ends early or
 * a chunk is malformed (RFC 9112 7.1): the content is then incomplete. Bytes behind the body are left out.
 */
export async function* readBody(framing: Framing, read: ReadBytes): AsyncGenerator<Uint8Array, void, void> {
  switch (framing.type) {
    case "None":
      return;
    case "Length":
      yield* readExactly(createByteReader(read), framing.bytes);
      return;
    case "Chunked":
      yield* readChunks(createByteReader(read));
      return;
    case "UntilClose":
      for (let bytes = await read(); bytes !== null; bytes = await read()) yield bytes;
  }
}

async function* readChunks(reader: ByteReader): AsyncGenerator<Uint8Array, void, void> {
  for (;;) {
    const [, size] = /^([0-9A-Fa-f]{1,13})[\t ]*(?:;.*)?$/.exec(await reader.line()) ?? [];
    if (size === undefined) throw new Error("a chunk's size is malformed");
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    yield* readExactly(reader, length);
    if ((await reader.line()) !== "") throw new Error("a chunk is longer than its size");
  }
  for (let trailers = 0; (await reader.line()) !== ""; trailers += 1) {
    if (trailers === MAX_TRAILERS) throw new Error("there are too many trailers");
  }
}

async function* readExactly(reader: ByteReader, length: number): AsyncGenerator<Uint8Array, void, void> {
  for (let left = length; left > 0; ) {
    const piece = await reader.atMost(left);
    left -= piece.length;
    yield piece;
  }
}

/** Lines and runs of bytes from a stream that comes in pieces of any size. Both throw at its end. */
type ByteReader = {
  /** Some bytes, at least one and at most `length`. */
  readonly atMost: (length: number) => Promise<Uint8Array>;
  /** The text up to the next CRLF, which is taken as well. */
  readonly line: () => Promise<string>;
};

function createByteReader(read: ReadBytes): ByteReader {
  let bytes: Buffer = Buffer.alloc(0);
  const more = async (): Promise<void> => {
    const next = await read();
    if (next === null) throw new Error("the body ended early");
    bytes = bytes.length === 0 ? Buffer.from(next.buffer, next.byteOffset, next.length) : Buffer.concat([bytes, next]);
  };
  return {
    atMost: async (length) => {
      while (bytes.length === 0) await more();
      const piece = bytes.subarray(0, length);
      bytes = bytes.subarray(piece.length);
      return piece;
    },
    line: async () => {
      for (let end = bytes.indexOf("\r\n"); ; end = bytes.indexOf("\r\n")) {
        if (end !== -1) {
          const line = bytes.toString("latin1", 0, end);
          bytes = bytes.subarray(end + 2);
          return line;
        }
        if (bytes.length > MAX_LINE_BYTES) throw new Error("a line between chunks is too long");
        await more();
      }
    },
  };
}
