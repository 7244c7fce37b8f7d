/** Writes DER (ITU-T X.690), as much of it as a certificate needs. */
export const der = {
  sequence: (...items: readonly Buffer[]): Buffer => tagged(0x30, ...items),
  set: (...items: readonly Buffer[]): Buffer => tagged(0x31, ...items),
  /** An unsigned number, most significant byte first. */
  integer: (bytes: Uint8Array): Buffer => tagged(0x02, unsigned(bytes)),
  boolean: (value: boolean): Buffer => tagged(0x01, Buffer.of(value ? 0xff : 0)),
  bitString: (bytes: Uint8Array, unusedBits = 0): Buffer => tagged(0x03, Buffer.of(unusedBits), bytes),
  octetString: (bytes: Uint8Array): Buffer => tagged(0x04, bytes),
  utf8: (text: string): Buffer => tagged(0x0c, Buffer.from(text)),
  /** For years to 2049 (RFC 5280 4.1.2.5.1). */
  utcTime: (ms: number): Buffer => tagged(0x17, Buffer.from(`${timeDigits(ms).slice(2)}Z`)),
  /** In dotted decimal. */
  oid: (dotted: string): Buffer => tagged(0x06, oidBytes(dotted)),
  /** Context-specific: `[tag]`, constructed unless told otherwise. */
  context: (tag: number, bytes: Uint8Array, constructed = true): Buffer =>
    tagged((constructed ? 0xa0 : 0x80) | tag, bytes),
};

function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthBytes(content.length), content]);
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  if (length < 0x100) return Buffer.of(0x81, length);
  return Buffer.of(0x82, length >> 8, length & 0xff);
}

// A leading zero keeps a high first bit from meaning a negative number; other leading zeros are forbidden.
function unsigned(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  if (start === -1) return Buffer.of(0);
  const digits = bytes.subarray(start);
  return Buffer.concat([(digits[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0), digits]);
}

function timeDigits(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:T]/g, "").slice(0, 14);
}

function oidBytes(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return Buffer.from([first * 40 + second, ...rest.flatMap(base128)]);
}

function base128(arc: number): readonly number[] {
  const low = arc & 0x7f;
  return arc < 0x80 ? [low] : [...base128(arc >> 7).map((byte) => byte | 0x80), low];
}
