import { createHash, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { ClientOptions } from "ws";
import { makeSelfSigned, type PemPair } from "../../src/cli/self-signed.ts";
import { isReport } from "../harness/log-collector.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { startWsBackend, type WsBackend, type WsBackendChoices } from "../harness/ws-backend.ts";
import { closeWs, openWs, type WsClient } from "../harness/ws-client.ts";

let pair: PemPair;
beforeAll(async () => {
  pair = await makeSelfSigned(["localhost"]);
});

type House = {
  readonly app: RunningApp;
  readonly backend: WsBackend;
  readonly open: (path?: string, protocols?: readonly string[], options?: ClientOptions) => Promise<WsClient>;
};

async function openHouse(scheme: "ws" | "wss", choices: WsBackendChoices = {}): Promise<House> {
  const backend = await startWsBackend(choices);
  const files = {
    "all.json": manifestText(service("echo", [backend.port]), route("echo", [rule("all", "/", ["echo"])])),
  };
  const app = await startApp({ files, defaultPair: pair });
  const origin = scheme === "ws" ? `ws://localhost:${app.ports.http}` : `wss://localhost:${app.ports.https}`;
  const open: House["open"] = async (path = "/", protocols = [], options = {}) => {
    const client = await openWs(`${origin}${path}`, protocols, { ca: pair.chain, ...options });
    onTestFinished(() => client.socket.terminate());
    return client;
  };
  return { app, backend, open };
}

describe.each(["ws", "wss"] as const)("A real client and a real server through %s", (scheme) => {
  it("agree on a subprotocol, and on none when the server takes none", async () => {
    const handleProtocols = (offered: Set<string>): string | false => (offered.has("chat.v2") ? "chat.v2" : false);
    const { open, app } = await openHouse(scheme, { options: { handleProtocols } });
    const agreed = await open("/a", ["chat.v1", "chat.v2"]);
    expect(agreed.socket.protocol).toBe("chat.v2");
    await closeWs(agreed);
    const line = await app.log.lineWhere(isReport);
    expect(line).toMatchObject({ subprotocol: "chat.v2", secure: scheme === "wss", path: "/a" });
    // ws refuses a server that answers an offer with nothing, as a browser does not: only the absence counts.
    await expect(open("/b", ["other"])).rejects.toThrow("Server sent no subprotocol");
    expect((await open("/c")).socket.protocol).toBe("");
  });

  it("exchange text, binary, empty and fragmented messages, each as it was", async () => {
    const { open, app } = await openHouse(scheme);
    const { socket, next, closed } = await open();
    const bytes = randomBytes(70_000);
    for (const message of ["héllo ✓", "", bytes, Buffer.alloc(0)]) socket.send(message);
    socket.send("one ", { fin: false });
    socket.send("and ", { fin: false });
    socket.send("two");
    const got = [await next(), await next(), await next(), await next(), await next()];
    expect(got.map(({ binary }) => binary)).toEqual([false, false, true, true, false]);
    expect(got.map(({ data }) => data.length)).toEqual([10, 0, 70_000, 0, 11]);
    expect([got[0]?.data.toString(), got[4]?.data.toString()]).toEqual(["héllo ✓", "one and two"]);
    expect(got[2]?.data.equals(bytes)).toBe(true);
    socket.close(4321, "bye ✓");
    expect(await closed).toMatchObject({ code: 4321, reason: "bye ✓" });
    const report = await app.log.lineWhere(isReport);
    expect(report).toMatchObject({
      messagesIn: 5,
      framesIn: 8,
      messagesOut: 5,
      framesOut: 6,
      closeFromClient: 4321,
      closeToBackend: 4321,
      closeFromBackend: 4321,
      closeToClient: 4321,
      cause: "client",
      by: "client",
      clean: true,
      undeliveredIn: 0,
      undeliveredOut: 0,
    });
    expect(report["bytesIn"]).toBeGreaterThan(70_000);
  });

  it("ping one another, and nobody else answers for them", async () => {
    const { open } = await openHouse(scheme, {
      options: { autoPong: false },
      connected: (socket) => {
        socket.on("ping", (data) => {
          if (String(data) === "answer me") socket.pong("answered");
        });
        socket.on("message", () => socket.ping("from the server"));
        socket.on("pong", (data) => socket.send(`pong: ${String(data)}`));
      },
    });
    const { socket, next } = await open();
    const pongs: string[] = [];
    socket.on("pong", (data) => pongs.push(String(data)));
    socket.ping("ignore me");
    socket.ping("answer me");
    socket.send("ping me");
    expect(String((await next()).data)).toBe("pong: from the server");
    expect(pongs).toEqual(["answered"]);
  });

  it("compress by permessage-deflate between themselves, with what was negotiated unchanged", async () => {
    const { open, app, backend } = await openHouse(scheme, {
      options: { perMessageDeflate: { threshold: 0, serverMaxWindowBits: 11 } },
    });
    const client = await open("/", [], { perMessageDeflate: { threshold: 0, clientMaxWindowBits: 12 } });
    expect(client.answer["sec-websocket-extensions"]).toContain("server_max_window_bits=11");
    expect(backend.handshakes[0]?.headers["sec-websocket-extensions"]).toContain("client_max_window_bits=12");
    const text = "the same again and again. ".repeat(40_000);
    for (let index = 0; index < 3; index += 1) {
      client.socket.send(text);
      expect(String((await client.next()).data) === text).toBe(true);
    }
    await closeWs(client, 1000);
    const report = await app.log.lineWhere(isReport);
    expect(report).toMatchObject({ messagesIn: 3, messagesOut: 3, clean: true });
    expect(report["bytesIn"]).toBeLessThan(text.length / 10);
    const plain = await open();
    expect(plain.answer["sec-websocket-extensions"]).toBeUndefined();
  });

  it.each([
    ["client", 1001, "leaving"],
    ["backend", 4999, "x".repeat(123)],
    ["backend", 1011, ""],
  ])("pass on the code and reason with which the %s closes: %i", async (who, code, reason) => {
    const { open, app, backend } = await openHouse(scheme, {
      connected: (socket) => socket.on("message", () => socket.close(code, reason)),
    });
    const client = await open();
    if (who === "client") client.socket.close(code, reason);
    else client.socket.send("close, please");
    expect(await client.closed).toMatchObject({ code, reason });
    expect(await app.log.lineWhere(isReport)).toMatchObject({ by: who, cause: who, clean: true });
    // An endpoint echoes the code; which reason it sends with it is its own affair.
    expect(await backend.ended(1)).toMatchObject([who === "client" ? { code, reason } : { code }]);
  });

  it("pass a Close without a code on as one without a code", async () => {
    const { open, app, backend } = await openHouse(scheme);
    expect(await closeWs(await open())).toMatchObject({ code: 1005, reason: "" });
    expect(await app.log.lineWhere(isReport)).toMatchObject({ clean: true, closeFromClient: 1005 });
    expect(await backend.ended(1)).toEqual([{ code: 1005, reason: "" }]);
  });

  it("exchange messages of 1 MiB, twice on each of ten connections at once, intact and in order", async () => {
    const { open, app } = await openHouse(scheme);
    const clients = await Promise.all(Array.from({ length: 10 }, (_, index) => open(`/${index}`)));
    const message = randomBytes(1024 * 1024);
    const digest = createHash("sha256").update(message).digest("hex");
    await Promise.all(
      clients.map(async ({ socket, next }, index) => {
        for (const turn of [0, 1]) socket.send(Buffer.concat([Buffer.of(index, turn), message]));
        for (const turn of [0, 1]) {
          const { data } = await next();
          expect([data[0], data[1], data.length]).toEqual([index, turn, message.length + 2]);
          expect(createHash("sha256").update(data.subarray(2)).digest("hex")).toBe(digest);
        }
      }),
    );
    await Promise.all(clients.map((client) => closeWs(client, 1000)));
    const reports = await app.log.linesWhere(isReport, 10);
    expect(reports.map(({ messagesIn, messagesOut, clean }) => [messagesIn, messagesOut, clean])).toEqual(
      reports.map(() => [2, 2, true]),
    );
  });
});

it("A server's first message, sent together with its 101, reaches the client", async () => {
  const { open } = await openHouse("ws", {
    connected: (socket) => socket.send("welcome"),
  });
  expect(String((await (await open()).next()).data)).toBe("welcome");
});

it("A server that dies without a Close shows as 1014, and a client that vanishes is told to nobody as a Close", async () => {
  const { open, app, backend } = await openHouse("ws", {
    connected: (socket) => socket.on("message", () => socket.terminate()),
  });
  const client = await open();
  client.socket.send("die");
  expect(await client.closed).toMatchObject({ code: 1014 });
  expect(await app.log.lineWhere(isReport)).toMatchObject({ cause: "backend", by: "backend", closeToClient: 1014 });
  const vanishing = await open();
  vanishing.socket.terminate();
  await app.log.linesWhere(isReport, 2);
  expect(app.log.reports()[1]).toMatchObject({ cause: "client", by: "client", closeToBackend: null });
  expect((await backend.ended(2))[1]?.code).toBe(1006);
});
