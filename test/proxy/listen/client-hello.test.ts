import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { MAX_CLIENT_HELLO_BYTES, readClientHello } from "../../../src/proxy/listen/client-hello.ts";
import { buildHello, extension, inRecords, serverNames, u16 } from "./build-hello.ts";

async function recordHello(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect({ host: "127.0.0.1", port: (server.address() as AddressInfo).port, ...options });
  client.on("error", () => {});
  const [socket] = (await once(server, "connection")) as [import("node:net").Socket];
  const [bytes] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

let real: Buffer;
beforeAll(async () => {
  real = await recordHello({ servername: "Chat.Example.com", ALPNProtocols: ["h2", "http/1.1"] });
});

describe("a real client's hello", () => {
  test("is read", () => {
    expect(readClientHello(real)).toEqual({
      type: "hello",
      serverName: "chat.example.com",
      alpn: ["h2", "http/1.1"],
      versions: [0x0304, 0x0303],
    });
  });

  test("without a server name has none", async () => {
    expect(readClientHello(await recordHello({}))).toMatchObject({ type: "hello", serverName: null, alpn: [] });
  });

  test("of TLS 1.2 names its version though it has no extension for it", async () => {
    const hello = await recordHello({ maxVersion: "TLSv1.2", servername: "a.example" });
    expect(readClientHello(hello)).toMatchObject({ serverName: "a.example", versions: [0x0303] });
  });

  test("cut anywhere needs more, and says how much at least", () => {
    for (let cut = 0; cut < real.length; cut += 1) {
      const reading = readClientHello(real.subarray(0, cut));
      expect(reading).toEqual({ type: "need-more", atLeast: cut < 5 ? 5 : real.length });
    }
  });

  test("is read the same however it is spread over records", () => {
    const message = real.subarray(5);
    fc.assert(
      fc.property(fc.array(fc.nat(message.length - 1), { maxLength: 20 }), (cuts) => {
        expect(readClientHello(inRecords(message, cuts))).toEqual(readClientHello(real));
      }),
    );
  });

  test("is read though something follows it", () => {
    expect(readClientHello(Buffer.concat([real, Buffer.of(23, 3, 3, 0, 1, 0)]))).toEqual(readClientHello(real));
  });
});

describe("what is no ClientHello", () => {
  test.each([
    ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\n")],
    ["one wrong byte", Buffer.from([0])],
    ["another kind of record", Buffer.of(23, 3, 3, 0, 1, 1)],
    ["another handshake message", Buffer.of(22, 3, 1, 0, 4, 2, 0, 0, 0)],
    ["an SSLv2 hello", Buffer.of(0x80, 0x2e, 1, 3, 1)],
    ["a record of version 2", Buffer.of(22, 2)],
    ["an empty record", Buffer.of(22, 3, 1, 0, 0)],
  ])("%s is not TLS", (_title, bytes) => {
    expect(readClientHello(bytes)).toEqual({ type: "not-tls" });
  });

  test.each([
    ["that claims to be 16 MiB", Buffer.of(22, 3, 1, 0, 4, 1, 255, 255, 255)],
    ["that is too long for us", inRecords(Buffer.concat([Buffer.of(1, 0, 64, 0), Buffer.alloc(16_384)]), [8000])],
    ["with another record inside", Buffer.concat([real0(), Buffer.of(23, 3, 3, 0, 1, 1)])],
    [
      "in more records than anybody sends",
      inRecords(Buffer.concat([Buffer.of(1, 0, 1, 0), Buffer.alloc(200)]), range(100)),
    ],
    ["without content", inRecords(Buffer.of(1, 0, 0, 0))],
    ["with bytes behind its extensions", inRecords(buildHello([], Buffer.of(0)))],
    ["with an extension twice", inRecords(buildHello([serverNames("a"), serverNames("b")]))],
    ["with an extension longer than the rest", inRecords(buildHello([Buffer.concat([u16(0), u16(500)])]))],
  ])("a hello %s is malformed", (_title, bytes) => {
    expect(readClientHello(bytes)).toMatchObject({ type: "malformed" });
  });
});

describe("server names", () => {
  test.each([
    ["a.example", "a.example"],
    ["A.EXAMPLE.", "a.example"],
    ["_srv.a.example", "_srv.a.example"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8::1"],
    ["__proto__", "__proto__"],
    ["a".repeat(255), "a".repeat(255)],
    ["", null],
  ])("%j is read as %j", (name, read) => {
    expect(readClientHello(inRecords(buildHello([serverNames(name)])))).toMatchObject({
      type: "hello",
      serverName: read,
    });
  });

  test.each(["a\0.example", "ä.example", "a b", "a/b", "a\r\nb", "*.example", "a".repeat(256)])(
    "%j is malformed",
    (name) => {
      expect(readClientHello(inRecords(buildHello([serverNames(name)])))).toMatchObject({ type: "malformed" });
    },
  );

  test("of other types are passed over", () => {
    const list = Buffer.concat([Buffer.of(7), u16(1), Buffer.from("x"), Buffer.of(0), u16(1), Buffer.from("y")]);
    const hello = buildHello([extension(0, Buffer.concat([u16(list.length), list]))]);
    expect(readClientHello(inRecords(hello))).toMatchObject({ serverName: "y" });
  });
});

describe("hostile bytes", () => {
  test("never make it throw, nor ask for more than its bound", () => {
    const check = (bytes: Uint8Array): void => {
      const reading = readClientHello(bytes);
      if (reading.type !== "need-more") return;
      expect(reading.atLeast).toBeGreaterThan(bytes.length);
      expect(reading.atLeast).toBeLessThanOrEqual(MAX_CLIENT_HELLO_BYTES);
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), check));
    const mutations = fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(mutations, fc.nat(real.length), (changes, length) => {
        const bytes = Buffer.from(real);
        for (const [at, value] of changes) bytes[at] = value;
        check(bytes.subarray(0, length));
      }),
      { numRuns: 2000 },
    );
  });
});

function real0(): Buffer {
  return inRecords(Buffer.concat([Buffer.of(1, 0, 1, 0), Buffer.alloc(20)]));
}

function range(length: number): number[] {
  return Array.from({ length }, (_, at) => at + 1);
}
