/** One field of a protobuf message: a number, or bytes that may be text or a message in turn. */
type Value = bigint | Buffer;

/** A protobuf message as its wire format tells it, without a schema: the values of each field, by its number. */
export type Message = ReadonlyMap<number, readonly Value[]>;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Reads a message; throws a RangeError where the bytes are none. */
export function readMessage(bytes: Buffer): Message {
  const fields = new Map<number, Value[]>();
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError("a field goes beyond its message");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(readVarint());
    const values = fields.get(key >> 3) ?? [];
    fields.set(key >> 3, values);
    const type = key & 7;
    if (type === VARINT) values.push(readVarint());
    else if (type === FIXED64) values.push(take(8).readBigUInt64LE());
    else if (type === FIXED32) values.push(BigInt(take(4).readUInt32LE()));
    else if (type === BYTES) values.push(take(Number(readVarint())));
    else throw new RangeError(`wire type ${type}`);
  }
  return fields;
}

/** The messages in a field. */
export function messagesIn(message: Message, field: number): readonly Message[] {
  return (message.get(field) ?? []).map((value) => readMessage(asBytes(value)));
}

/** The bytes in a field; empty if it is absent. */
export function bytesIn(message: Message, field: number): Buffer {
  return asBytes(message.get(field)?.[0] ?? Buffer.alloc(0));
}

/** The text in a field; empty if it is absent. */
export function textIn(message: Message, field: number): string {
  return bytesIn(message, field).toString();
}

/** The number in a field; 0 if it is absent. */
export function numberIn(message: Message, field: number): bigint {
  const value = message.get(field)?.[0] ?? 0n;
  if (typeof value !== "bigint") throw new RangeError(`field ${field} is no number`);
  return value;
}

function asBytes(value: Value): Buffer {
  if (typeof value === "bigint") throw new RangeError("a number where bytes were expected");
  return value;
}
