/** The longest ClientHello that is read, in bytes, record headers included; real ones stay below 4 KiB. */
export const MAX_CLIENT_HELLO_BYTES = 16_384;

const MAX_RECORDS = 64;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const EXTENSION = { serverName: 0, alpn: 16, supportedVersions: 43 } as const;

/** What a TLS client says of itself before anything is encrypted (RFC 8446 4.1.2). */
export type ClientHello = {
  readonly type: "hello";
  /** Lower-cased and without trailing dot; null when none was sent. */
  readonly serverName: string | null;
  /** In the client's order of preference (RFC 7301). */
  readonly alpn: readonly string[];
  /** As numbers on the wire: 0x0303 is TLS 1.2, 0x0304 is TLS 1.3. */
  readonly versions: readonly number[];
};

/** `need-more` until `atLeast` bytes are there in all; `not-tls` these bytes begin no TLS connection; `malformed` it is TLS that nobody should speak. */
export type HelloReading =
  | ClientHello
  | { readonly type: "need-more"; readonly atLeast: number }
  | { readonly type: "not-tls" }
  | { readonly type: "malformed"; readonly detail: string };

/** Reads the ClientHello at the start of a connection's bytes, in one record or several. Pure; never throws. */
export function readClientHello(bytes: Uint8Array): HelloReading {
  const message = assemble(bytes);
  if (!(message instanceof Cursor)) return message;
  try {
    return readBody(message);
  } catch (error) {
    if (error instanceof Malformed) return { type: "malformed", detail: error.message };
    throw error;
  }
}

/** A server name as it is compared: in lower case, without trailing dot. */
export function normaliseServerName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

// The first handshake message without its header, or why it is not there.
function assemble(bytes: Uint8Array): Cursor | HelloReading {
  const { message, stop } = joinFragments(bytes);
  if (message.length > 0 && message[0] !== CLIENT_HELLO) return { type: "not-tls" };
  const length = message.length < 4 ? 4 : 4 + uint24(message, 1);
  if (length > MAX_CLIENT_HELLO_BYTES) return tooLong();
  return message.length < length ? stop : new Cursor(message.subarray(4, length));
}

// A handshake message may be spread over records (RFC 8446 5.1). What follows it is not ours to judge.
function joinFragments(bytes: Uint8Array): { readonly message: Uint8Array; readonly stop: HelloReading } {
  const fragments: Uint8Array[] = [];
  let at = 0;
  let stop: HelloReading | null = null;
  while (stop === null) {
    stop = judgeRecordHeader(bytes, at) ?? (bytes.length < at + 5 ? needMore(at + 5) : null);
    if (stop !== null) break;
    const end = at + 5 + uint16(bytes, at + 3);
    fragments.push(bytes.subarray(at + 5, end));
    if (bytes.length < end) stop = needMore(end);
    else if (fragments.length === MAX_RECORDS) stop = { type: "malformed", detail: "too many records" };
    at = end;
  }
  return { message: Buffer.concat(fragments), stop };
}

function judgeRecordHeader(bytes: Uint8Array, at: number): HelloReading | null {
  const left = bytes.length - at;
  const isHandshake = (left < 1 || bytes[at] === HANDSHAKE_RECORD) && (left < 2 || bytes[at + 1] === 3);
  const length = left < 5 ? 1 : uint16(bytes, at + 3);
  if (isHandshake && length > 0 && length <= MAX_CLIENT_HELLO_BYTES) return null;
  return at === 0 ? { type: "not-tls" } : { type: "malformed", detail: "another record within the ClientHello" };
}

function needMore(atLeast: number): HelloReading {
  return atLeast > MAX_CLIENT_HELLO_BYTES ? tooLong() : { type: "need-more", atLeast };
}

function tooLong(): HelloReading {
  return { type: "malformed", detail: "the ClientHello is too long" };
}

function readBody(hello: Cursor): ClientHello {
  const legacyVersion = hello.uint16();
  hello.take(32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  const extensions = readExtensions(hello);
  hello.expectEnd();
  const serverName = extensions.get(EXTENSION.serverName);
  const alpn = extensions.get(EXTENSION.alpn);
  const versions = extensions.get(EXTENSION.supportedVersions);
  return {
    type: "hello",
    serverName: serverName === undefined ? null : readServerName(serverName),
    alpn: alpn === undefined ? [] : readProtocolNames(alpn),
    versions: versions === undefined ? [legacyVersion] : readVersions(versions),
  };
}

function readExtensions(hello: Cursor): ReadonlyMap<number, Cursor> {
  const extensions = new Map<number, Cursor>();
  if (hello.isAtEnd()) return extensions;
  const list = hello.vector(2);
  while (!list.isAtEnd()) {
    const type = list.uint16();
    // Two readers could each take another one of the two, and serve the client by different names.
    if (extensions.has(type)) throw new Malformed("an extension occurs twice");
    extensions.set(type, list.vector(2));
  }
  return extensions;
}

function readServerName(extension: Cursor): string | null {
  const list = extension.vector(2);
  while (!list.isAtEnd()) {
    const isHostName = list.uint8() === 0;
    const name = Buffer.from(list.vector(2).rest()).toString("latin1");
    if (!isHostName) continue;
    if (name === "") return null;
    if (!/^[\w.:-]{1,255}$/.test(name)) throw new Malformed("the server name is no host name");
    return normaliseServerName(name);
  }
  return null;
}

function readProtocolNames(extension: Cursor): readonly string[] {
  const list = extension.vector(2);
  const names: string[] = [];
  while (!list.isAtEnd()) names.push(Buffer.from(list.vector(1).rest()).toString("latin1"));
  return names;
}

function readVersions(extension: Cursor): readonly number[] {
  const list = extension.vector(1);
  const versions: number[] = [];
  while (!list.isAtEnd()) versions.push(list.uint16());
  return versions;
}

class Malformed extends Error {}

// Reads forward through bytes and throws Malformed at every step beyond their end.
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  expectEnd(): void {
    if (!this.isAtEnd()) throw new Malformed("bytes behind the extensions");
  }

  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Malformed("a length points beyond the ClientHello");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }

  uint8(): number {
    return this.take(1)[0] ?? 0;
  }

  uint16(): number {
    return uint16(this.take(2), 0);
  }

  /** A vector with a length field of one or two bytes (RFC 8446 3.4). */
  vector(lengthBytes: 1 | 2): Cursor {
    return new Cursor(this.take(lengthBytes === 1 ? this.uint8() : this.uint16()));
  }
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function uint24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | uint16(bytes, at + 1);
}
