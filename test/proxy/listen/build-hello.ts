/** A ClientHello message with these extensions, and whatever else behind them. */
export function buildHello(extensions: readonly Buffer[], behind: Buffer = Buffer.alloc(0)): Buffer {
  const all = Buffer.concat(extensions);
  const body = Buffer.concat([
    Buffer.of(3, 3),
    Buffer.alloc(32, 7),
    Buffer.of(0, 0, 2, 0x13, 1, 1, 0),
    u16(all.length),
    all,
    behind,
  ]);
  return Buffer.concat([Buffer.of(1, 0), u16(body.length), body]);
}

/** An extension of this type. */
export function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([u16(type), u16(data.length), data]);
}

/** The server_name extension with one host name, one byte a character. */
export function serverNames(name: string): Buffer {
  const bytes = Buffer.from(name, "latin1");
  const entry = Buffer.concat([Buffer.of(0), u16(bytes.length), bytes]);
  return extension(0, Buffer.concat([u16(entry.length), entry]));
}

/** A handshake message in one record, or cut at these places into several. */
export function inRecords(message: Buffer, cuts: readonly number[] = []): Buffer {
  const places = [...new Set([0, ...cuts, message.length])].toSorted((left, right) => left - right);
  const fragments = places.slice(1).map((end, at) => message.subarray(places[at], end));
  return Buffer.concat(fragments.flatMap((fragment) => [Buffer.of(22, 3, 1), u16(fragment.length), fragment]));
}

/** Two bytes, the higher first. */
export function u16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 255);
}
