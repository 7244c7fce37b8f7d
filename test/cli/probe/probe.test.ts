import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ProbeCode } from "../../../src/cli/probe/findings.ts";
import { connectError } from "../../../src/cli/probe/open-tcp.ts";
import { makeSelfSigned, type PemPair } from "../../../src/cli/self-signed.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { makeSigned } from "../../harness/make-certificate.ts";
import { ingress, manifestText, route, rule, service } from "../../harness/manifests.ts";
import type { RawPeer } from "../../harness/raw-client.ts";
import { type AppChoices, type RunningApp, startApp } from "../../harness/start-app.ts";
import { startWsBackend } from "../../harness/ws-backend.ts";
import { PATIENT_MS, probeUrl, saw, serveRaw, serverFrame, serveSwitch, switchFor, unseen } from "./probing.ts";

let pair: PemPair;
beforeAll(async () => {
  pair = await makeSelfSigned(["chat.example", "127.0.0.1"]);
});

async function house(choices: Partial<AppChoices> = {}): Promise<RunningApp> {
  const backend = await startWsBackend({ options: { handleProtocols: (offered) => [...offered][0] ?? false } });
  const files = {
    "all.json": manifestText(
      service("echo", [backend.port]),
      service("none", null),
      route("all", [
        rule("echo", "/echo", ["echo"]),
        rule("guarded", "/guarded", ["echo"], { security: { allowedOrigins: ["https://ok.example"] } }),
        rule("none", "/none", ["none"]),
        rule("broken", "/broken", ["missing"]),
      ]),
      ingress("web", "plain.example", "echo"),
    ),
  };
  return await startApp({ files, defaultPair: pair, ...choices });
}

describe("through a running Fairlead", () => {
  test("a healthy WebSocket: every step has its time, and nothing is left to say", async () => {
    const app = await house();
    const result = await probeUrl(`ws://chat.example:${app.ports.http}/echo`, { subprotocols: ["chat.v2", "chat.v1"] });
    expect(result).toMatchObject({
      healthy: true,
      finding: null,
      notes: [],
      addresses: ["127.0.0.1"],
      connectedTo: `127.0.0.1:${app.ports.http}`,
      tls: null,
      response: { status: 101, body: "", failure: null },
      subprotocol: "chat.v2",
      extensions: null,
      pings: { sent: 2, answered: 2 },
      echo: { bytes: 11, result: "same", before: 0 },
      close: { sent: 1000, received: { code: 1000, reason: "" } },
    });
    expect(result.steps.map(({ step }) => step)).toEqual(["resolve", "connect", "handshake", "ping", "echo", "close"]);
    expect(result.steps.every(({ ms }) => ms >= 0)).toBe(true);
    const { minMs, avgMs, maxMs } = result.pings ?? {};
    expect([minMs ?? 9, avgMs ?? 0, maxMs ?? 0]).toEqual(
      [minMs, avgMs, maxMs].toSorted((a, b) => Number(a) - Number(b)),
    );
  });

  test("the same over TLS, with what the certificate says", async () => {
    const app = await house();
    const result = await probeUrl(`wss://chat.example:${app.ports.https}/echo`, { ca: pair.chain });
    expect(result).toMatchObject({
      healthy: true,
      tls: {
        protocol: "TLSv1.3",
        serverName: "chat.example",
        verified: true,
        problem: "",
        certificate: { subject: "CN=chat.example", names: ["DNS:chat.example", "IP Address:127.0.0.1"] },
      },
    });
    expect(result.tls?.certificate.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const byAddress = await probeUrl(`wss://127.0.0.1:${app.ports.https}/echo`, { ca: pair.chain });
    expect(byAddress).toMatchObject({ healthy: true, tls: { serverName: null, verified: true } });
  });

  test("names stay those of the URL when the connection goes elsewhere", async () => {
    const app = await house();
    const connectTo = { host: "127.0.0.1", port: app.ports.https };
    const result = await probeUrl("wss://chat.example/echo", { ca: pair.chain, connectTo });
    expect(result).toMatchObject({ healthy: true, tls: { serverName: "chat.example" } });
    expect(result.request?.fields).toContain("Host: chat.example");
  });

  test("compression is agreed on as with a browser, and a compressed echo is an echo", async () => {
    const backend = await startWsBackend({ options: { perMessageDeflate: { threshold: 0 } } });
    const files = {
      "all.json": manifestText(service("echo", [backend.port]), route("r", [rule("all", "/", ["echo"])])),
    };
    const app = await startApp({ files });
    const message = "again and again ".repeat(5_000);
    const result = await probeUrl(`ws://chat.example:${app.ports.http}/`, { message });
    expect(result).toMatchObject({ healthy: true, echo: { bytes: message.length, result: "same" } });
    expect(result.extensions).toContain("server_no_context_takeover");
    const without = await probeUrl(`ws://chat.example:${app.ports.http}/`, { compression: false });
    expect(without).toMatchObject({ healthy: true, extensions: null });
  });

  test.each([
    ["/nowhere", "NotFound", "NoRoute", "fairlead explain"],
    ["/guarded", "Forbidden", "ForbiddenOrigin", "allowedOrigins"],
    ["/none", "Unavailable", "NoReadyEndpoint", "Pods"],
    ["/broken", "Unavailable", "RouteRefused", "fairlead lint"],
    ["/a/../b", "MalformedRequest", "BadRequest", "Correct the request"],
  ])("%s is told as %s and as Fairlead's own %s", async (path, code, failure, look) => {
    const app = await house();
    const headers = [["Origin", "https://evil.example"]] as const;
    const { healthy, finding, response } = await probeUrl(`ws://chat.example:${app.ports.http}${path}`, { headers });
    expect([healthy, finding?.step, finding?.code, response?.failure]).toEqual([false, "handshake", code, failure]);
    expect(finding?.sentence).toContain(`Fairlead's own: `);
    expect(finding?.look).toContain(look);
    expect(finding?.look).toMatch(/The access log tells more of the request \S+-0-1\.$/);
  });

  test("a server name without a certificate is told as such", async () => {
    const files = { "all.json": manifestText(route("r", [rule("all", "/", ["none"])])) };
    const app = await startApp({ files });
    const { finding } = await probeUrl(`wss://chat.example:${app.ports.https}/`);
    expect(finding).toMatchObject({ step: "tls", code: "TlsNameUnknown" });
    expect(finding?.sentence).toContain("chat.example");
  });
});

describe("names and addresses", () => {
  const failing = (code: string) => (): Promise<never> =>
    Promise.reject(Object.assign(new Error("lookup failed"), { code }));

  test.each([
    ["ENOTFOUND", "NameNotFound"],
    ["EAI_AGAIN", "ResolveFailed"],
  ])("%s is %s", async (code, expected) => {
    const { finding, steps } = await probeUrl("ws://chat.example/", {}, { lookup: failing(code) });
    expect(finding).toMatchObject({ step: "resolve", code: expected });
    expect(finding?.sentence).toContain(`chat.example`);
    expect(steps.map(({ step }) => step)).toEqual(["resolve"]);
  });

  test("a resolver without an answer is waited for no longer than the limit", async () => {
    const clock = createFakeClock();
    const lookup = (): Promise<never> => {
      queueMicrotask(() => clock.advance(PATIENT_MS));
      return new Promise(() => {});
    };
    const { finding } = await probeUrl("ws://chat.example/", {}, { clock, lookup });
    expect(finding).toMatchObject({ step: "resolve", code: "ResolveTimeout" });
    expect(finding?.sentence).toContain("within 15s");
  });

  test("a port that nobody listens on", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    const { finding, addresses } = await probeUrl(`ws://chat.example:${port}/`);
    expect(finding).toMatchObject({ step: "connect", code: "ConnectionRefused" });
    expect([addresses, finding?.sentence]).toEqual([["127.0.0.1"], expect.stringContaining(`127.0.0.1:${port}`)]);
  });

  test("of several addresses the next is tried", async () => {
    const app = await house();
    const lookup = () =>
      Promise.resolve([
        { address: "::1", family: 6 },
        { address: "127.0.0.1", family: 4 },
      ]);
    const result = await probeUrl(`ws://chat.example:${app.ports.http}/echo`, {}, { lookup });
    expect([result.finding, result.connectedTo]).toEqual([null, `127.0.0.1:${app.ports.http}`]);
  });

  test("no connection within the limit", async () => {
    const server = await serveRaw(() => {});
    const clock = createFakeClock();
    const lookup = () => {
      // Once the name is resolved the next timer is that of the connection, which takes a turn of the event loop.
      afterMicrotasks(
        () => clock.pending() === 0,
        () => {
          afterMicrotasks(
            () => clock.pending() === 1,
            () => clock.advance(PATIENT_MS),
          );
        },
      );
      return Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
    };
    const { finding } = await probeUrl(`ws://chat.example:${server.port}/`, {}, { clock, lookup });
    expect(finding).toMatchObject({ step: "connect", code: "ConnectTimeout" });
  });

  test.each<[string, ProbeCode]>([
    ["ECONNREFUSED", "ConnectionRefused"],
    ["ETIMEDOUT", "ConnectTimeout"],
    ["EHOSTUNREACH", "HostUnreachable"],
    ["ENETUNREACH", "HostUnreachable"],
    ["EACCES", "ConnectFailed"],
  ])("the system's %s is %s", (errno, code) => {
    const error = Object.assign(new Error("no"), { code: errno });
    expect(connectError("192.0.2.1:80", 1_000, error).code).toBe(code);
    expect(connectError("192.0.2.1:80", 1_000, new AggregateError([error])).code).toBe(code);
    saw(code);
  });
});

/** Calls back as soon as the condition holds, within the microtasks of this turn. */
function afterMicrotasks(holds: () => boolean, done: () => void, left = 1_000): void {
  if (holds()) done();
  else if (left > 0) queueMicrotask(() => afterMicrotasks(holds, done, left - 1));
}

describe("certificates", () => {
  async function serveTls(chain: string, key: string, options: object = {}): Promise<number> {
    const server = createTlsServer({ cert: chain, key, ...options }, (socket) => {
      socket.on("error", () => {});
      socket.resume();
    });
    server.on("tlsClientError", () => {});
    server.listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  const DAY_MS = 86_400_000;
  test.each<[string, number, string, ProbeCode]>([
    ["an old one", -60, "chat.example", "CertificateExpired"],
    ["a coming one", 60, "chat.example", "CertificateNotYetValid"],
    ["that of another name", 0, "other.example", "CertificateWrongName"],
  ])("%s", async (_title, days, host, code) => {
    const made = await makeSelfSigned(["chat.example"], Date.now() + days * DAY_MS);
    const port = await serveTls(made.chain, made.key);
    const result = await probeUrl(`wss://${host}:${port}/`, { ca: made.chain });
    expect(result.finding).toMatchObject({ step: "tls", code });
    expect(result.tls).toMatchObject({ verified: false, certificate: { subject: "CN=chat.example" } });
    expect(result.request).toBeNull();
  });

  test("one that nobody signed, and one whose authority is not trusted", async () => {
    const own = await probeUrl(`wss://chat.example:${await serveTls(pair.chain, pair.key)}/`);
    expect(own.finding).toMatchObject({ code: "CertificateSelfSigned" });
    const signed = await makeSigned(["chat.example"]);
    const port = await serveTls(signed.chain, signed.key);
    const foreign = await probeUrl(`wss://chat.example:${port}/`);
    expect(foreign.finding).toMatchObject({ code: "CertificateUntrusted" });
    expect(foreign.finding?.sentence).toMatch(/UNABLE_TO/);
    const app = await house({ defaultPair: signed });
    const known = await probeUrl(`wss://chat.example:${app.ports.https}/echo`, { ca: signed.authority });
    expect(known).toMatchObject({ healthy: true, tls: { verified: true } });
  });

  test("--insecure goes on, and says what it let pass", async () => {
    const app = await house();
    const result = await probeUrl(`wss://other.example:${app.ports.https}/echo`, { insecure: true });
    expect(result).toMatchObject({ healthy: true, tls: { verified: false } });
    expect(result.notes).toEqual([
      { code: "CertificateNotVerified", sentence: expect.stringContaining("not for other.example") },
    ]);
  });

  test("one that ends soon is a note", async () => {
    const soon = await makeSelfSigned(["chat.example"], Date.now() - 25 * DAY_MS);
    const app = await house({ defaultPair: soon });
    const result = await probeUrl(`wss://chat.example:${app.ports.https}/echo`, { ca: soon.chain });
    expect([result.healthy, result.notes[0]?.code]).toEqual([true, "CertificateExpiresSoon"]);
  });

  test("a server that asks for the client's", async () => {
    const port = await serveTls(pair.chain, pair.key, { requestCert: true, rejectUnauthorized: true });
    const { finding } = await probeUrl(`wss://chat.example:${port}/`, { ca: pair.chain });
    expect(finding?.code).toBe("ClientCertificateRequired");
  });

  test.each<[number, ProbeCode]>([
    [40, "TlsVersionRefused"],
    [70, "TlsVersionRefused"],
    [112, "TlsNameUnknown"],
    [116, "ClientCertificateRequired"],
    [80, "TlsFailed"],
  ])("the alert %i is %s", async (alert, code) => {
    const server = await serveRaw(async (peer) => {
      await peer.until((bytes) => bytes.length > 0, PATIENT_MS);
      await peer.send(Buffer.of(0x15, 3, 3, 0, 2, 2, alert));
    });
    const { finding } = await probeUrl(`wss://chat.example:${server.port}/`);
    expect(finding).toMatchObject({ step: "tls", code });
  });

  test.each<[string, (peer: RawPeer) => void | Promise<void>, ProbeCode]>([
    ["plain HTTP", (peer) => peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"), "TlsNotSpoken"],
    ["a FIN", (peer) => peer.end(), "TlsClosed"],
    ["a reset", (peer) => peer.reset(), "TlsClosed"],
  ])("%s instead of a ServerHello", async (_title, script, code) => {
    const server = await serveRaw(async (peer) => {
      await peer.until((bytes) => bytes.length > 0, PATIENT_MS);
      await script(peer);
    });
    const { finding } = await probeUrl(`wss://chat.example:${server.port}/`);
    expect(finding).toMatchObject({ step: "tls", code });
  });

  test("silence instead of a ServerHello", async () => {
    const clock = createFakeClock(Date.now());
    const server = await serveRaw(async (peer) => {
      await peer.until((bytes) => bytes.length > 0, PATIENT_MS);
      clock.advance(PATIENT_MS);
    });
    const { finding } = await probeUrl(`wss://chat.example:${server.port}/`, {}, { clock });
    expect(finding).toMatchObject({ step: "tls", code: "TlsTimeout" });
  });
});

describe("answers without a 101", () => {
  const cases: readonly (readonly [answer: string, code: ProbeCode])[] = [
    ["200 OK", "NotUpgraded"],
    ["204 No Content", "NotUpgraded"],
    ["301 Moved Permanently\r\nLocation: https://chat.example/x?token=s3cret", "RedirectedToHttps"],
    ["308 Permanent Redirect\r\nLocation: wss://chat.example/", "RedirectedToHttps"],
    ["302 Found\r\nLocation: /elsewhere", "Redirected"],
    ["307 Temporary Redirect", "Redirected"],
    ["400 Bad Request", "MalformedRequest"],
    ["401 Unauthorized", "Unauthorized"],
    ["403 Forbidden", "Forbidden"],
    ["404 Not Found", "NotFound"],
    ["418 I'm a teapot", "RefusedByClientFault"],
    ["421 Misdirected Request", "Misdirected"],
    ["426 Upgrade Required", "UpgradeNotUnderstood"],
    ["429 Too Many Requests", "TooMany"],
    ["500 Internal Server Error", "ServerFault"],
    ["502 Bad Gateway", "BadGateway"],
    ["503 Service Unavailable", "Unavailable"],
    ["504 Gateway Timeout", "GatewayTimeout"],
    ["599 Nonsense", "ServerFault"],
  ];

  test.each(cases)("%j is %s", async (answer, code) => {
    const server = await serveRaw(async (peer) => {
      await peer.until("\r\n\r\n", PATIENT_MS);
      await peer.send(`HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 ${answer}\r\nContent-Length: 5\r\n\r\nwhy: `);
    });
    const { finding, response, healthy } = await probeUrl(`ws://chat.example:${server.port}/`);
    expect([healthy, finding?.step, finding?.code]).toEqual([false, "handshake", code]);
    expect(finding?.sentence).toContain(answer.slice(0, 3));
    expect([response?.body, response?.failure]).toEqual(["why:", null]);
    expect(JSON.stringify([finding, response])).not.toContain("s3cret");
  });

  test("a chunked body is read up to its end, and a body without one up to the end of the connection", async () => {
    const chunked = await serveRaw((peer) =>
      peer.send("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nnobody\r\n0\r\n\r\n"),
    );
    expect((await probeUrl(`ws://chat.example:${chunked.port}/`)).response?.body).toContain("nobody");
    const endless = await serveRaw(async (peer) => {
      await peer.send(`HTTP/1.1 404 Not Found\r\n\r\n${"x".repeat(100_000)}`);
      peer.end();
    });
    expect((await probeUrl(`ws://chat.example:${endless.port}/`)).response?.body.length).toBeLessThan(600);
  });
});

describe("hostile answers", () => {
  test.each<[string, (peer: RawPeer) => void | Promise<void>, ProbeCode]>([
    ["a head without end", (peer) => peer.send(`HTTP/1.1 200 OK\r\nA: ${"x".repeat(40_000)}`), "InvalidAnswer"],
    ["garbage", (peer) => peer.send("\u0000\u0001\u0002 not HTTP"), "InvalidAnswer"],
    ["another protocol", (peer) => peer.send("220 mail.example ESMTP\r\n"), "InvalidAnswer"],
    ["a control character in a value", (peer) => peer.send("HTTP/1.1 200 OK\r\nA: \u001B[2J\r\n\r\n"), "InvalidAnswer"],
    ["interim answers for ever", (peer) => peer.send("HTTP/1.1 100 Continue\r\n\r\n".repeat(20)), "InvalidAnswer"],
    ["a TLS alert", (peer) => peer.send(Buffer.of(0x15, 3, 1, 0, 2, 2, 22)), "TlsExpected"],
    ["a FIN", (peer) => peer.end(), "ClosedWithoutAnswer"],
    ["a reset", (peer) => peer.reset(), "ClosedWithoutAnswer"],
  ])("%s", async (_title, script, code) => {
    const server = await serveRaw(async (peer) => {
      await peer.until("\r\n\r\n", PATIENT_MS);
      await script(peer);
    });
    const { finding } = await probeUrl(`ws://chat.example:${server.port}/`);
    expect(finding).toMatchObject({ step: "handshake", code });
  });

  test("silence", async () => {
    const clock = createFakeClock();
    const server = await serveRaw(async (peer) => {
      await peer.until("\r\n\r\n", PATIENT_MS);
      clock.advance(PATIENT_MS);
    });
    const { finding } = await probeUrl(`ws://chat.example:${server.port}/`, {}, { clock });
    expect(finding).toMatchObject({ step: "handshake", code: "AnswerTimeout" });
  });

  test("what a terminal would obey is escaped wherever it comes from", async () => {
    const server = await serveRaw(async (peer) => {
      await peer.until("\r\n\r\n", PATIENT_MS);
      await peer.send(
        "HTTP/1.1 404 N\u009Bot\r\nX: \u009B2J\u00ADa\r\nContent-Length: 10\r\n\r\n\u001B[2J\u202E\r\nbye",
      );
    });
    const result = await probeUrl(`ws://chat.example:${server.port}/`);
    expect(JSON.stringify(result.response)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(result.response?.fields[0]).toBe("X: \\u{9b}2J\\u{ad}a");
    expect(result.finding?.sentence).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe("answers of 101", () => {
  const answer = (head: string) => async (peer: RawPeer) => {
    await peer.until("\r\n\r\n", PATIENT_MS);
    await peer.send(head);
  };

  test("a wrong Accept", async () => {
    const head = "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n";
    const server = await serveRaw(answer(head));
    expect((await probeUrl(`ws://chat.example:${server.port}/`)).finding?.code).toBe("WrongAccept");
  });

  test.each([
    ["Sec-WebSocket-Protocol: chat\r\n", "never offered"],
    ["Sec-WebSocket-Extensions: x-made-up\r\n", "never offered"],
    ["Sec-WebSocket-Extensions: permessage-deflate\r\n", "server_no_context_takeover"],
  ])("%j", async (field, words) => {
    const server = await serveSwitch(() => {}, field);
    const { finding } = await probeUrl(`ws://chat.example:${server.port}/`);
    expect(finding).toMatchObject({ step: "handshake", code: "InvalidSwitch" });
    expect(finding?.sentence).toContain(words);
  });
});

describe("an open WebSocket", () => {
  const pong = 0x8a;
  const text = 0x81;
  const close = 0x88;
  const behind = async (peer: RawPeer): Promise<void> => {
    const size = peer.received().length;
    await peer.until((bytes) => bytes.length > size, PATIENT_MS);
  };

  test("closed right after the 101, with code and reason", async () => {
    const words = Buffer.concat([Buffer.of(1008 >> 8, 1008 & 0xff), Buffer.from("go \u001B[2Jaway")]);
    const server = await serveSwitch((peer) => peer.send(serverFrame(close, words)));
    const { finding, close: seen } = await probeUrl(`ws://chat.example:${server.port}/`);
    expect(finding).toMatchObject({ step: "ping", code: "ClosedEarly" });
    expect(finding?.sentence).toContain('1008 "go \\u{1b}[2Jaway", right after the 101');
    expect(seen?.received?.code).toBe(1008);
  });

  test("closed at the message", async () => {
    const server = await serveSwitch(async (peer) => {
      await behind(peer);
      await peer.send(serverFrame(close));
    });
    const { finding } = await probeUrl(`ws://chat.example:${server.port}/`, { pings: 0 });
    expect(finding).toMatchObject({ step: "echo", code: "ClosedEarly" });
    expect(finding?.sentence).toContain("no code, after the probe's message");
    expect(finding?.look).toContain("--no-echo");
  });

  test.each<[string, (peer: RawPeer) => void]>([
    ["a FIN", (peer) => peer.end()],
    ["a reset", (peer) => peer.reset()],
  ])("ended by %s instead of a Close frame", async (_title, end) => {
    const server = await serveSwitch(end);
    expect((await probeUrl(`ws://chat.example:${server.port}/`)).finding).toMatchObject({ code: "ConnectionLost" });
  });

  test("Pings that nobody answers", async () => {
    const clock = createFakeClock();
    const server = await serveRaw(async (peer) => {
      const head = await switchFor(peer);
      const size = peer.received().length;
      await peer.send(head);
      await peer.until((bytes) => bytes.length > size, PATIENT_MS);
      await peer.send(serverFrame(pong, "another"));
      clock.advance(PATIENT_MS);
    });
    const { finding, pings } = await probeUrl(`ws://chat.example:${server.port}/`, {}, { clock });
    expect(finding).toMatchObject({ step: "ping", code: "PingUnanswered" });
    expect(pings).toMatchObject({ sent: 1, answered: 0, minMs: null });
  });

  test("a message that nobody answers", async () => {
    const clock = createFakeClock();
    const server = await serveRaw(async (peer) => {
      const head = await switchFor(peer);
      const size = peer.received().length;
      await peer.send(head);
      await peer.until((bytes) => bytes.length > size, PATIENT_MS);
      clock.advance(PATIENT_MS);
    });
    const { finding, echo } = await probeUrl(`ws://chat.example:${server.port}/`, { pings: 0 }, { clock });
    expect(finding).toMatchObject({ step: "echo", code: "EchoMissing" });
    expect(echo?.result).toBe("none");
  });

  test("a welcome before the echo is counted, and an answer that is no echo is a note", async () => {
    const welcoming = await startWsBackend({
      connected: (socket) => {
        socket.send("welcome");
        socket.ping("are you there?");
        socket.on("message", (data, binary) => socket.send(data, { binary }));
      },
    });
    const echoed = await probeUrl(`ws://chat.example:${welcoming.port}/`);
    expect(echoed).toMatchObject({ healthy: true, notes: [], echo: { result: "same" } });
    const clock = createFakeClock();
    const other = await serveRaw(async (peer) => {
      const head = await switchFor(peer);
      const size = peer.received().length;
      await peer.send(head);
      await peer.until((bytes) => bytes.length > size, PATIENT_MS);
      await peer.send(serverFrame(text, '{"error":"\u001B[2J"}'));
      await peer.send(Buffer.concat([serverFrame(0x01, "in "), serverFrame(0x80, "parts")]));
      // The probe has read both when it answers this Ping, and waits for more.
      const before = peer.received().length;
      await peer.send(serverFrame(0x89, "?"));
      await peer.until((bytes) => bytes.length > before, PATIENT_MS);
      clock.advance(PATIENT_MS);
      await peer.until((bytes) => bytes.includes(Buffer.of(0x88, 0x82)), PATIENT_MS);
      await peer.send(serverFrame(close, Buffer.of(3, 232)));
    });
    const differs = await probeUrl(`ws://chat.example:${other.port}/`, { pings: 0 }, { clock });
    expect(differs).toMatchObject({ healthy: true, echo: { result: "other", before: 2 } });
    expect(differs.notes).toEqual([
      { code: "EchoDiffers", sentence: expect.stringContaining('{"error":"\\u{1b}[2J"}') },
    ]);
  });

  test("a Close frame without an answer is a note", async () => {
    const clock = createFakeClock();
    const silent = await serveSwitch(async (peer) => {
      await peer.until((bytes) => bytes.includes(Buffer.of(0x88, 0x82)), PATIENT_MS);
      clock.advance(PATIENT_MS);
    });
    const options = { pings: 0, message: null };
    const late = await probeUrl(`ws://chat.example:${silent.port}/`, options, { clock });
    expect([late.healthy, late.close?.received, late.notes[0]?.code]).toEqual([true, null, "CloseUnanswered"]);
    const rude = await serveSwitch(async (peer) => {
      await peer.until((bytes) => bytes.includes(Buffer.of(0x88, 0x82)), PATIENT_MS);
      peer.end();
    });
    const lost = await probeUrl(`ws://chat.example:${rude.port}/`, options);
    expect([lost.healthy, lost.notes[0]?.code]).toEqual([true, "CloseLost"]);
  });

  test.each<[string, Buffer, string]>([
    ["a masked frame", Buffer.of(text, 0x80, 1, 2, 3, 4), "masks"],
    ["a reserved opcode", serverFrame(0x83), "opcode 3"],
    ["a reserved bit", serverFrame(0xa1), "reserved bit"],
    ["compression that was not agreed on", serverFrame(0xc1), "compressed"],
    ["a fragmented control frame", serverFrame(0x0a), "fragmented"],
    ["a long control frame", Buffer.of(0x8a, 126, 0, 200), "125 bytes"],
    ["a long form of a short length", Buffer.of(text, 126, 0, 5), "shortest"],
    ["a frame of many gigabytes", Buffer.of(text, 127, 0, 1, 0, 0, 0, 0, 0, 0), "larger"],
    ["a continuation of nothing", serverFrame(0x80, "x"), "continuation"],
    ["a message inside another", Buffer.concat([serverFrame(0x01, "x"), serverFrame(text, "y")]), "inside another"],
    ["text that is not UTF-8", serverFrame(text, Buffer.of(0xff)), "UTF-8"],
    ["half a close code", serverFrame(close, "x"), "half a code"],
    ["a reason that is not UTF-8", serverFrame(close, Buffer.of(3, 232, 0xff)), "UTF-8"],
    ["Pings without end", Buffer.concat(Array.from({ length: 1_001 }, () => serverFrame(0x89))), "Pings"],
    [
      "fragments without end",
      Buffer.concat(Array.from({ length: 1_002 }, (_, at) => serverFrame(at === 0 ? 1 : 0))),
      "larger",
    ],
  ])("that breaks its protocol with %s", async (_title, frames, words) => {
    const server = await serveSwitch((peer) => peer.send(frames));
    const { finding } = await probeUrl(`ws://chat.example:${server.port}/`);
    expect(finding).toMatchObject({ step: "ping", code: "ProtocolViolation" });
    expect(finding?.sentence).toContain(words);
  });

  test("whose compressed messages are none", async () => {
    const more = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n";
    const server = await serveSwitch((peer) => peer.send(serverFrame(0xc1, Buffer.of(0xff, 0xff, 0xff))), more);
    const { finding } = await probeUrl(`ws://chat.example:${server.port}/`);
    expect(finding).toMatchObject({ code: "ProtocolViolation" });
    expect(finding?.sentence).toContain("compressed message");
  });
});

test("every finding of the table was met above", () => {
  expect(unseen()).toEqual([]);
});
