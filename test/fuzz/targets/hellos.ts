import { deepStrictEqual, ok } from "node:assert/strict";
import { MAX_CLIENT_HELLO_BYTES, readClientHello } from "../../../src/proxy/listen/client-hello.ts";
import { buildHello, extension, inRecords, serverNames } from "../../proxy/listen/build-hello.ts";
import type { Target } from "../target.ts";

const ALPN = extension(16, Buffer.from("\x00\x0c\x02h2\x08http/1.1", "latin1"));
const VERSIONS = extension(43, Buffer.of(4, 3, 4, 3, 3));

/** ClientHellos, as they arrive: what is said of a part of one must hold of the whole. */
export const hellos: Target = {
  name: "hellos",
  seeds: () => {
    const hello = buildHello([serverNames("chat.example.com"), ALPN, VERSIONS]);
    return [inRecords(hello, []), inRecords(hello, [1, 5, 40]), inRecords(buildHello([]), [])];
  },
  dictionary: ["\x16\x03\x01", "\x01\x00", "\xff\xff", "\x00\x00", "a.example", "\x00\x10", "\x00\x2b"],
  maxBytes: MAX_CLIENT_HELLO_BYTES + 64,
  lanes: 1,
  open: () => Promise.resolve({ judge, close: () => Promise.resolve() }),
};

function judge(input: Uint8Array): Promise<void> {
  const whole = readClientHello(input);
  let read = 0;
  for (let reading = readClientHello(input.subarray(0, 0)); ; reading = readClientHello(input.subarray(0, read))) {
    if (reading.type !== "need-more") {
      deepStrictEqual(whole, reading, `${read} of ${input.length} bytes were judged otherwise than all`);
      break;
    }
    ok(reading.atLeast > read, `asks for ${reading.atLeast} bytes when ${read} are there`);
    ok(reading.atLeast <= MAX_CLIENT_HELLO_BYTES, `waits for ${reading.atLeast} bytes`);
    if (reading.atLeast > input.length) break;
    read = reading.atLeast;
  }
  return Promise.resolve();
}
