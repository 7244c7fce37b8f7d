import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { TLS_DEFAULTS } from "../../../src/proxy/listen/tls-servers.ts";
import { certificateTable, hostTls, type MadeCertificate, makeCertificate } from "../../harness/make-certificate.ts";
import { connectRaw, type RawPeer, wrapSocket } from "../../harness/raw-client.ts";
import { buildHello, inRecords, serverNames } from "./build-hello.ts";
import { startTls } from "./start-listener.ts";

let exact: MadeCertificate;
let wildcard: MadeCertificate;
let fallback: MadeCertificate;
let renewed: MadeCertificate;

beforeAll(async () => {
  [exact, wildcard, fallback, renewed] = (await Promise.all(
    [["a.example"], ["*.b.example"], ["default.example"], ["a.example"]].map((names) => makeCertificate(...names)),
  )) as [MadeCertificate, MadeCertificate, MadeCertificate, MadeCertificate];
});

const table = (changes: Partial<{ fallback: boolean }> = {}) =>
  certificateTable(
    [exact, wildcard, fallback],
    [hostTls("a.example", exact), hostTls("*.b.example", wildcard)],
    changes.fallback === false ? null : hostTls("*", fallback),
  );

const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
const UPGRADE = "GET /ws HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

async function dial(port: number, servername: string | undefined, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const name = servername === undefined ? {} : { servername };
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...name, ...options });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "secureConnect");
  return socket;
}

function shownBy(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.subjectAltName?.replace("DNS:", "");
}

describe("which certificate is shown", () => {
  test.each([
    ["a.example", "a.example"],
    ["A.EXAMPLE", "a.example"],
    ["x.b.example", "*.b.example"],
    ["x.y.b.example", "default.example"],
    ["unknown.example", "default.example"],
    [undefined, "default.example"],
  ])("for %s it is that of %s", async (servername, shown) => {
    const { port } = await startTls(table());
    expect(shownBy(await dial(port, servername))).toBe(shown);
  });

  test.each(["unknown.example", undefined])(
    "without a fallback, %s is refused with unrecognized_name",
    async (name) => {
      const { port } = await startTls(table({ fallback: false }));
      await expect(dial(port, name)).rejects.toMatchObject({ code: "ERR_SSL_TLSV1_UNRECOGNIZED_NAME" });
    },
  );
});

describe("rotation", () => {
  test.each(["a.example", undefined])(
    "new connections for %s get the new certificate, live ones go on",
    async (name) => {
      const before = certificateTable([exact], [hostTls("a.example", exact)], hostTls("*", exact));
      const after = certificateTable([renewed], [hostTls("a.example", renewed)], hostTls("*", renewed));
      const { port, live } = await startTls(before);
      const old = await dial(port, name);
      live.publish({ certificates: after });
      const young = await dial(port, name);
      expect(old.getPeerX509Certificate()?.fingerprint256).not.toBe(young.getPeerX509Certificate()?.fingerprint256);
      old.write("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
      const [answer] = (await once(old, "data")) as [Buffer];
      expect(answer.toString()).toContain("200 OK");
    },
  );
});

test("a hundred rotations under handshakes fail none of them, and end no live connection", async () => {
  const tables = [exact, renewed].map((each) => certificateTable([each], [hostTls("a.example", each)], null));
  const { port, live } = await startTls(tables[0]!);
  const old = wrapSocket(await dial(port, "a.example"));
  const shown = new Set<string | undefined>();
  const stop = new AbortController();
  const handshakes = Array.from({ length: 2 }, async () => {
    let count = 0;
    while (!stop.signal.aborted) {
      const socket = await dial(port, "a.example");
      shown.add(socket.getPeerX509Certificate()?.fingerprint256);
      socket.destroy();
      count += 1;
    }
    return count;
  });
  for (let rotation = 1; rotation <= 100; rotation += 1) {
    live.publish({ certificates: tables[rotation % 2]! });
    await dial(port, "a.example").then((socket) => socket.destroy());
  }
  stop.abort();
  const counts = await Promise.all(handshakes);
  expect(counts.every((count) => count > 0)).toBe(true);
  expect(shown.size).toBe(2);
  await old.send(GET);
  expect((await old.until("hello")).toString()).toContain("200 OK");
});

async function dialRaw(port: number): Promise<RawPeer> {
  const peer = await connectRaw(port);
  onTestFinished(() => {
    peer.socket.destroy();
  });
  return peer;
}

async function answerOf(port: number): Promise<string> {
  const socket = await dial(port, "a.example");
  socket.write(GET);
  const [answer] = (await once(socket, "data")) as [Buffer];
  return answer.toString();
}

describe("what goes over TLS", () => {
  test("is answered, with the server name among the facts", async () => {
    const { port, seen } = await startTls(table());
    const socket = await dial(port, "A.Example", { ALPNProtocols: ["h2", "http/1.1"] });
    const peer = wrapSocket(socket);
    await peer.send(GET);
    await peer.until("hello");
    expect(socket.alpnProtocol).toBe("http/1.1");
    expect(seen.requests).toMatchObject([
      { arrival: { secure: true, serverName: "a.example", peerAddress: "127.0.0.1", localPort: port } },
    ]);
  });

  test("without a server name has none among the facts", async () => {
    const { port, seen } = await startTls(table());
    const peer = wrapSocket(await dial(port, undefined));
    await peer.send(GET);
    await peer.until("hello");
    expect(seen.requests).toMatchObject([{ arrival: { secure: true, serverName: null } }]);
  });

  test("may be an upgrade, with early bytes", async () => {
    const { port, seen } = await startTls(table());
    const peer = wrapSocket(await dial(port, "a.example"));
    await peer.send(`${UPGRADE}early`);
    await peer.until("early");
    await peer.send(" late");
    await peer.until("early late");
    expect(seen.upgrades).toMatchObject([{ url: "/ws", arrival: { secure: true } }]);
  });

  test("is answered though the client has already said that it sends no more", async () => {
    const { port } = await startTls(table());
    const peer = wrapSocket(await dial(port, "a.example"));
    await peer.send(GET);
    peer.end();
    expect((await peer.until("hello")).toString()).toContain("200 OK");
  });

  test("is timed out with an answer and a report after its first byte, and with neither before", async () => {
    const { port, seen } = await startTls(table(), { headMs: 200 });
    const silent = wrapSocket(await dial(port, "a.example"));
    await silent.ended;
    expect(silent.text()).toBe("");
    expect(seen.rejected).toEqual([]);
    const begun = wrapSocket(await dial(port, "a.example"));
    await begun.send("G");
    await begun.ended;
    expect(begun.text()).toMatch(/^HTTP\/1.1 408 /);
    expect(seen.rejected).toMatchObject([{ failure: "RequestTimeout", arrival: { secure: true } }]);
  });

  test("is accepted byte by byte", async () => {
    const { port } = await startTls(table());
    const tcp = connectTcp({ port, host: "127.0.0.1", noDelay: true });
    onTestFinished(() => {
      tcp.destroy();
    });
    const slow = sendSlowly(tcp);
    const socket = connect({ socket: slow, servername: "a.example", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    expect(shownBy(socket)).toBe("a.example");
  });
});

describe("versions and ciphers", () => {
  const strict = () =>
    certificateTable(
      [exact, wildcard],
      [hostTls("a.example", exact, "TLSv1.3"), hostTls("*.b.example", wildcard, "TLSv1.2")],
    );

  test("a TLS 1.2 client is refused on a host that wants 1.3, and served on another", async () => {
    const { port } = await startTls(strict());
    await expect(dial(port, "a.example", { maxVersion: "TLSv1.2" })).rejects.toMatchObject({
      code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
    });
    expect((await dial(port, "x.b.example", { maxVersion: "TLSv1.2" })).getProtocol()).toBe("TLSv1.2");
    expect((await dial(port, "a.example")).getProtocol()).toBe("TLSv1.3");
  });

  test("TLS 1.1 is refused everywhere", async () => {
    const { port } = await startTls(strict());
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
    await expect(dial(port, "x.b.example", old)).rejects.toMatchObject({
      code: expect.stringMatching(/VERSION|PROTOCOL/),
    });
  });

  test.each(["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"])("the CBC suite %s is refused", async (ciphers) => {
    const { port } = await startTls(strict());
    await expect(dial(port, "x.b.example", { maxVersion: "TLSv1.2", ciphers })).rejects.toMatchObject({
      code: expect.stringMatching(/HANDSHAKE_FAILURE/),
    });
  });

  test("the list of ciphers is obeyed, also in contexts that are chosen by name", async () => {
    const ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
    const { port } = await startTls(strict(), { tls: { ...TLS_DEFAULTS, ciphers } });
    const options = { maxVersion: "TLSv1.2", ciphers: `ECDHE-ECDSA-AES128-GCM-SHA256:${ciphers}` } as const;
    expect((await dial(port, "x.b.example", options)).getCipher().name).toBe(ciphers);
  });

  test("a client of HTTP/2 alone is refused", async () => {
    const { port } = await startTls(table());
    await expect(dial(port, "a.example", { ALPNProtocols: ["h2"] })).rejects.toMatchObject({
      code: expect.stringMatching(/NO_APPLICATION_PROTOCOL/),
    });
  });
});

describe("hostile clients", () => {
  const quick = { tls: { ...TLS_DEFAULTS, handshakeMs: 200 } };

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["half a ClientHello", inRecords(buildHello([serverNames("a.example")])).subarray(0, 20)],
    ["a whole ClientHello and then nothing", inRecords(realHello())],
  ])("one that sends %s is closed on time", async (_title, bytes) => {
    const { port, seen } = await startTls(table(), quick);
    const peer = await dialRaw(port);
    const begin = performance.now();
    await peer.send(bytes);
    await peer.ended;
    expect(performance.now() - begin).toBeGreaterThanOrEqual(190);
    expect(performance.now() - begin).toBeLessThan(4_500);
    expect(seen.requests).toEqual([]);
    expect(await answerOf(port)).toContain("200 OK");
  });

  test.each([
    ["plain HTTP", GET],
    ["garbage", "\0\xff\x80garbage"],
    ["an SSLv2 hello", "\x80\x2e\x01\x03\x01"],
    ["a truncated hello and a FIN", "\x16\x03\x01\x02"],
  ])("one that sends %s is closed at once", async (_title, bytes) => {
    const { port, seen } = await startTls(table());
    const peer = await dialRaw(port);
    await peer.send(bytes);
    if (bytes.startsWith("\x16")) peer.end();
    await peer.ended;
    expect(peer.text()).toBe("");
    expect(seen.rejected).toEqual([]);
    expect(await answerOf(port)).toContain("200 OK");
  });

  test.each(["a\0.example", "\xe4.example", "a b", "", "x".repeat(255), "192.0.2.1", "::1", "..", "__proto__"])(
    "the server name %j ends nothing but its own connection",
    async (name) => {
      const { port } = await startTls(table({ fallback: false }), quick);
      const peer = await dialRaw(port);
      await peer.send(inRecords(buildHello([serverNames(name)])));
      await peer.ended;
      expect(peer.received()[0]).toBe(21);
      expect(await answerOf(port)).toContain("200 OK");
    },
  );

  test("one that resets at any moment of the handshake ends nothing else", async () => {
    const { port } = await startTls(table());
    const hello = inRecords(realHello());
    for (let length = 0; length <= hello.length; length += 16) {
      const peer = await dialRaw(port);
      await peer.send(hello.subarray(0, length));
      peer.reset();
      await peer.closed;
    }
    expect(await answerOf(port)).toContain("200 OK");
  });

  test("one that renegotiates gets nowhere, and nobody else notices", async () => {
    const { port } = await startTls(table());
    const socket = await dial(port, "a.example", { maxVersion: "TLSv1.2" });
    expect(await renegotiate(socket)).toBe("closed");
    expect(await answerOf(port)).toContain("200 OK");
  });

  test("one that renegotiates behind an upgrade gets nowhere either", async () => {
    const { port } = await startTls(table());
    const socket = await dial(port, "a.example", { maxVersion: "TLSv1.2" });
    const peer = wrapSocket(socket);
    await peer.send(UPGRADE);
    await peer.until("101 ");
    expect(await renegotiate(socket)).toBe("closed");
    expect(await answerOf(port)).toContain("200 OK");
  });
});

describe("a certificate that cannot be used", () => {
  const broken = () => {
    const mixed = { ...exact, id: "broken", key: wildcard.key };
    return certificateTable([mixed, fallback], [hostTls("bad.example", mixed)], hostTls("*", fallback));
  };

  test("refuses its host, says so in the log, and leaves the others alone", async () => {
    const { port, seen } = await startTls(broken());
    await expect(dial(port, "bad.example")).rejects.toThrow(/disconnected|ECONNRESET/);
    expect(seen.logged).toMatchObject([{ serverName: "bad.example", reason: expect.stringMatching(/key/i) }]);
    expect(shownBy(await dial(port, "good.example"))).toBe("default.example");
  });

  test("as the fallback refuses clients without a server name", async () => {
    const mixed = { ...exact, id: "broken", key: wildcard.key };
    const { port } = await startTls(certificateTable([mixed], [], hostTls("*", mixed)));
    await expect(dial(port, undefined)).rejects.toMatchObject({ code: "ERR_SSL_TLSV1_UNRECOGNIZED_NAME" });
  });
});

test("stopping lets handshakes that had begun go on, and force ends them", async () => {
  const { port, stopAccepting, cut } = await startTls(table());
  const peer = await dialRaw(port);
  await peer.send("\x16\x03\x01");
  const established = wrapSocket(await dial(port, "a.example"));
  await established.send(UPGRADE);
  await established.until("101 ");
  stopAccepting();
  await expect(connectRaw(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  cut();
  await peer.ended;
  await established.send("still here");
  await established.until("still here");
});

function renegotiate(socket: TLSSocket): Promise<"done" | "closed"> {
  return new Promise((resolve) => {
    socket.on("error", () => {});
    socket.on("close", () => resolve("closed"));
    socket.resume();
    socket.renegotiate({}, (error) => {
      if (error === null) resolve("done");
    });
  });
}

// A hello that OpenSSL would go on with: cipher TLS_AES_128_GCM_SHA256 offered, but no key share, so that it asks again.
function realHello(): Buffer {
  const versions = Buffer.of(0, 43, 0, 3, 2, 3, 4);
  const groups = Buffer.of(0, 10, 0, 4, 0, 2, 0, 23);
  const algorithms = Buffer.of(0, 13, 0, 4, 0, 2, 4, 3);
  const shares = Buffer.of(0, 51, 0, 2, 0, 0);
  return buildHello([serverNames("a.example"), versions, groups, algorithms, shares]);
}

// Writes every byte on its own.
function sendSlowly(tcp: Socket): Duplex {
  const slow = new Duplex({
    read: () => tcp.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      for (const byte of chunk) tcp.write(Buffer.of(byte));
      tcp.write("", () => done());
    },
  });
  tcp.on("data", (chunk) => slow.push(chunk));
  tcp.on("end", () => slow.push(null));
  tcp.on("error", (error) => slow.destroy(error));
  return slow;
}
