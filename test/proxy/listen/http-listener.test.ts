import type { ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { startHttpListener } from "../../../src/proxy/listen/http-listener.ts";
import { HTTP_DEFAULTS } from "../../../src/proxy/listen/http-server.ts";
import { openDoor } from "../../harness/open-door.ts";
import { connectRaw, type RawPeer } from "../../harness/raw-client.ts";
import { startPlain } from "./start-listener.ts";

async function dial(port: number, host = "127.0.0.1"): Promise<RawPeer> {
  const peer = await connectRaw(port, host);
  onTestFinished(() => {
    peer.socket.destroy();
  });
  return peer;
}

async function ask(port: number, bytes: string): Promise<string> {
  const peer = await dial(port);
  await peer.send(bytes);
  await peer.ended;
  return peer.text();
}

const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
const UPGRADE = "GET /ws HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

describe("requests", () => {
  test("reach the handler with the facts of their arrival", async () => {
    const { port, seen } = await startPlain();
    const peer = await dial(port);
    await peer.send(GET);
    await peer.until("hello");
    expect(seen.requests).toEqual([
      {
        url: "/",
        arrival: {
          peerAddress: "127.0.0.1",
          peerPort: peer.socket.localPort,
          localAddress: "127.0.0.1",
          localPort: port,
          secure: false,
          serverName: null,
        },
      },
    ]);
  });

  test("of IPv4 peers show no mapped address, though the port is open to both families", async () => {
    const seen: string[] = [];
    const listener = await startHttpListener(
      { host: "::", port: 0 },
      HTTP_DEFAULTS,
      {
        isUpgrade: () => false,
        request: (_request, response, arrival) => {
          seen.push(arrival.peerAddress, arrival.localAddress);
          response.end();
        },
        upgrade: () => {},
        rejected: () => "id",
        crashed: () => {},
      },
      { log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }, doorkeeper: openDoor() },
    );
    onTestFinished(() => {
      listener.stopAccepting();
      listener.cut();
    });
    const peer = await dial(listener.address.port);
    await peer.send(GET);
    await peer.until("200 OK");
    expect(seen).toEqual(["127.0.0.1", "127.0.0.1"]);
  });

  test("without Host reach the handler, which refuses them like every other", async () => {
    const { port, seen } = await startPlain();
    await ask(port, "GET /none HTTP/1.1\r\nConnection: close\r\n\r\n");
    expect(seen.requests).toMatchObject([{ url: "/none" }]);
  });

  test("that expect something reach the handler before anything is answered", async () => {
    const expectations: unknown[] = [];
    const { port } = await startPlain(
      {},
      {
        request: (request, response) => {
          expectations.push(request.headers.expect);
          response.writeHead(417, { Connection: "close" }).end();
        },
      },
    );
    const head = (value: string) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: ${value}\r\n\r\n`;
    expect(await ask(port, head("100-continue"))).toMatch(/^HTTP\/1.1 417/);
    expect(await ask(port, head("miracles"))).toMatch(/^HTTP\/1.1 417/);
    expect(expectations).toEqual(["100-continue", "miracles"]);
  });
});

describe("upgrades", () => {
  test("are handed over with the bytes behind their head", async () => {
    const { port, seen } = await startPlain();
    const peer = await dial(port);
    await peer.send(`${UPGRADE}early`);
    await peer.until("early");
    await peer.send(" late");
    await peer.until("early late");
    expect(seen.upgrades).toMatchObject([{ url: "/ws", arrival: { secure: false, peerAddress: "127.0.0.1" } }]);
  });

  test("to anything else are plain requests, and the connection goes on", async () => {
    const { port, seen } = await startPlain();
    const peer = await dial(port);
    await peer.send("GET /h2c HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n");
    await peer.until("hello");
    await peer.send(GET);
    await peer.until((bytes) => bytes.toString().split("200 OK").length === 3);
    expect(seen.upgrades).toEqual([]);
    expect(seen.requests.map(({ url }) => url)).toEqual(["/h2c", "/"]);
  });

  test("with a body that has not arrived are handed out too", async () => {
    const { port, seen } = await startPlain();
    const client = await dial(port);
    await client.send(UPGRADE.replace("\r\n\r\n", "\r\nContent-Length: 4\r\n\r\n"));
    await client.until("101 ");
    expect(seen.upgrades).toMatchObject([{ arrival: { peerAddress: "127.0.0.1" } }]);
  });

  test("behind an unanswered request are no upgrades: the connection is destroyed", async () => {
    const { port, seen } = await startPlain({}, { request: () => {} });
    const peer = await dial(port);
    await peer.send(GET + UPGRADE);
    await peer.ended;
    expect(peer.text()).toBe("");
    expect(seen.upgrades).toEqual([]);
    expect(seen.rejected).toMatchObject([{ failure: "BadRequest" }]);
  });
});

describe("heads that cannot be read", () => {
  test.each([
    ["garbage", "\x16\x03\x01\0\x05hello\r\n\r\n", 400, "BadRequest"],
    ["a line ended by LF alone in its fields", "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n", 400, "BadRequest"],
    ["space before a colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "BadRequest"],
    ["a folded field", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400, "BadRequest"],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
      "BadRequest",
    ],
    [
      "fields over the limit",
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(3000)}\r\n\r\n`,
      431,
      "HeaderFieldsTooLarge",
    ],
    // Dropping some of them, as Node once did, would let framing fields hide behind the others.
    ["more fields than anybody sends", `GET / HTTP/1.1\r\n${"a:\r\n".repeat(2500)}\r\n`, 431, "HeaderFieldsTooLarge"],
    ["CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405, "MethodNotAllowed"],
  ])("%s is answered and reported", async (_title, bytes, status, failure) => {
    const { port, seen } = await startPlain({ maxHeaderBytes: bytes.length > 9000 ? 65_536 : 2048 });
    const answer = await ask(port, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\n`));
    expect(answer).toContain("Connection: close\r\n");
    expect(answer).toContain("\r\nX-Request-Id: rejected-1\r\n");
    expect(answer.includes("\r\nAllow:\r\n")).toBe(status === 405);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toContain(`Content-Length: ${body.length}`);
    expect(seen.rejected).toMatchObject([{ failure, arrival: { peerAddress: "127.0.0.1" } }]);
    expect(seen.requests).toEqual([]);
  });

  test("a head of just the limit is read, and a field of as many bytes is too large", async () => {
    const maxHeaderBytes = 2_048;
    const { port } = await startPlain({ maxHeaderBytes });
    const head = (value: string): string => `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ${value}\r\n\r\n`;
    const rest = "x".repeat(maxHeaderBytes - head("").length);
    expect(await ask(port, head(rest))).toMatch(/^HTTP\/1.1 200 /);
    expect(await ask(port, head("x".repeat(maxHeaderBytes)))).toMatch(/^HTTP\/1.1 431 /);
  });

  test.each([
    ["half a head", "GET / HTTP/1.1\r\nHo"],
    ["its first byte", "G"],
  ])("%s is answered 408 when its time is over", async (_title, bytes) => {
    const { port, seen } = await startPlain({ headMs: 200 });
    const begin = performance.now();
    expect(await ask(port, bytes)).toMatch(/^HTTP\/1.1 408 /);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(190);
    expect(seen.rejected).toMatchObject([{ failure: "RequestTimeout" }]);
  });

  test("half a head that came together with an answered request is answered 408 too", async () => {
    const { port, seen } = await startPlain({ headMs: 200 });
    const answer = await ask(port, `${GET}GET /next HT`);
    expect(answer).toMatch(/^HTTP\/1.1 200 [^]*helloHTTP\/1.1 408 /);
    expect(seen.rejected).toMatchObject([{ failure: "RequestTimeout" }]);
  });

  test("a connection that never sends a byte is closed when its time is over, and is not reported", async () => {
    const { port, seen } = await startPlain({ headMs: 200 });
    const begin = performance.now();
    const silent = await dial(port);
    expect(await silent.ended).toBe("fin");
    expect(performance.now() - begin).toBeGreaterThanOrEqual(190);
    expect(silent.text()).toBe("");
    expect(seen.rejected).toEqual([]);
  });

  test("a client that leaves in the middle of a head is gone, and is answered nothing", async () => {
    const { port, seen } = await startPlain();
    const peer = await dial(port);
    await peer.send("GET / HTTP/1.1\r\nHo");
    peer.end();
    await peer.ended;
    expect(peer.text()).toBe("");
    expect(seen.rejected).toMatchObject([{ failure: "ClientGone", detail: "HPE_INVALID_EOF_STATE" }]);
  });

  test("a client that dribbles its head gets no more time", async () => {
    const { port } = await startPlain({ headMs: 300 });
    const peer = await dial(port);
    await peer.send("GET / HTTP/1.1\r\n");
    const dribble = setInterval(() => {
      if (peer.socket.writable) peer.socket.write("X: 1\r\n");
    }, 20);
    onTestFinished(() => clearInterval(dribble));
    await peer.ended;
    expect(peer.text()).toMatch(/^HTTP\/1.1 408 /);
  });

  test("behind a response that has begun, nothing is written into it", async () => {
    const { port, seen } = await startPlain(
      {},
      {
        request: (_request, response) => {
          response.writeHead(200, { "Content-Length": 100 });
          response.write("begun");
        },
      },
    );
    const peer = await dial(port);
    await peer.send(GET);
    await peer.until("begun");
    await peer.send("garbage\r\n\r\n");
    await peer.ended;
    expect(peer.text()).toMatch(/begun$/);
    expect(seen.rejected).toMatchObject([{ failure: "BadRequest" }]);
  });

  test("a reset of a connection on which nothing is asked is no request, and is not reported", async () => {
    const { port, seen } = await startPlain();
    const [silent, kept, begun] = await Promise.all([dial(port), dial(port), dial(port)]);
    for (const peer of [kept, begun]) {
      await peer.send(GET);
      await peer.until("hello");
    }
    const peerPort = begun.socket.localPort;
    await begun.send("GET /next");
    // Answered behind the others: what they sent has been read.
    await ask(port, GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    silent.reset();
    kept.reset();
    await Promise.all([silent.closed, kept.closed]);
    begun.reset();
    await expect.poll(() => seen.rejected.length).toBeGreaterThan(0);
    expect(seen.rejected).toMatchObject([{ failure: "ClientGone", arrival: { peerPort } }]);
  });

  test("a reset is reported and ends nothing else", async () => {
    const { port, seen } = await startPlain();
    const peer = await dial(port);
    await peer.send("GET / HTTP/1.1\r\nHo");
    peer.reset();
    await expect.poll(() => seen.rejected).toMatchObject([{ failure: "ClientGone" }]);
    expect(await ask(port, GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))).toContain("hello");
  });
});

test.each(["request", "upgrade"] as const)("a throwing %s handler costs its connection alone", async (event) => {
  const { port, seen } = await startPlain(
    {},
    {
      [event]: () => {
        throw new Error("defect");
      },
    },
  );
  const peer = await dial(port);
  await peer.send(event === "request" ? GET : UPGRADE);
  await peer.ended;
  expect(seen.crashed).toMatchObject([{ message: "defect" }]);
});

describe("an address", () => {
  test("may be IPv6", async () => {
    const { seen } = await startPlain();
    const listener = await startHttpListener(
      { host: "::1", port: 0 },
      HTTP_DEFAULTS,
      {
        isUpgrade: () => false,
        request: (_request, response) => response.end("six"),
        upgrade: () => {},
        rejected: () => "id",
        crashed: (error) => seen.crashed.push(error),
      },
      { log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }, doorkeeper: openDoor() },
    );
    onTestFinished(() => {
      listener.stopAccepting();
      listener.cut();
    });
    const peer = await dial(listener.address.port, "::1");
    await peer.send(GET);
    await peer.until("six");
    expect(listener.address.host).toBe("::1");
  });

  test("in use is named in the error", async () => {
    const { port } = await startPlain();
    const second = startPlainOn(port);
    await expect(second).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: the port is in use by another process (EADDRINUSE)`,
    );
  });

  test("of another machine is named in the error", async () => {
    await expect(startPlainOn(80, "192.0.2.1")).rejects.toThrow(
      "cannot listen on 192.0.2.1:80: the address is not one of this machine's (EADDRNOTAVAIL)",
    );
  });
});

function startPlainOn(port: number, host = "127.0.0.1"): Promise<unknown> {
  const handlers = {
    isUpgrade: () => false,
    request: () => {},
    upgrade: () => {},
    rejected: () => "id",
    crashed: () => {},
  };
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return startHttpListener({ host, port }, HTTP_DEFAULTS, handlers, { log, doorkeeper: openDoor() });
}

describe("stopping", () => {
  test("refuses new connections, closes idle ones, and lets answers and upgraded connections go on", async () => {
    const responses: ServerResponse[] = [];
    const { port, stopAccepting } = await startPlain(
      {},
      {
        request: (request, response) => {
          if (request.url === "/slow") responses.push(response);
          else response.end("hello");
        },
      },
    );
    const [idle, busy, upgraded] = await Promise.all([dial(port), dial(port), dial(port)]);
    await Promise.all([idle.send(GET), busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"), upgraded.send(UPGRADE)]);
    await Promise.all([idle.until("hello"), upgraded.until("101 ")]);
    await expect.poll(() => responses.length).toBe(1);
    stopAccepting();
    await idle.ended;
    await expect(connectRaw(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    responses[0]?.end("done");
    await busy.ended;
    expect(busy.text()).toMatch(/Connection: close\r\n[^]*done$/);
    await upgraded.send("still here");
    await upgraded.until("still here");
  });

  test("closes a connection whose answer had begun before, once it is done", async () => {
    const responses: ServerResponse[] = [];
    const { port, stopAccepting } = await startPlain({}, { request: (_request, response) => responses.push(response) });
    const peer = await dial(port);
    await peer.send(GET);
    await expect.poll(() => responses.length).toBe(1);
    responses[0]?.writeHead(200, { "Content-Length": 4 });
    responses[0]?.write("do");
    await peer.until("do");
    stopAccepting();
    responses[0]?.end("ne");
    await peer.ended;
    expect(peer.text()).toMatch(/done$/);
  });

  test("does not wait for a head that had begun longer than before", async () => {
    const { port, stopAccepting } = await startPlain({ headMs: 200 });
    const peer = await dial(port);
    await peer.send("GET / HT");
    await expect.poll(() => peer.socket.bytesWritten).toBeGreaterThan(0);
    stopAccepting();
    await peer.ended;
    expect(peer.text()).toMatch(/^HTTP\/1.1 408 |^$/);
  });

  test("can be announced: responses say Connection: close while connections are still accepted", async () => {
    const { port, refuseReuse } = await startPlain();
    refuseReuse();
    const peer = await dial(port);
    await peer.send(GET);
    await peer.ended;
    expect(peer.text()).toMatch(/Connection: close\r\n[^]*hello$/);
  });

  test("by force ends what is not upgraded", async () => {
    const { port, cut, seen } = await startPlain({}, { request: (request) => seen.requests.push(request as never) });
    const [waiting, upgraded] = await Promise.all([dial(port), dial(port)]);
    await Promise.all([waiting.send(GET), upgraded.send(UPGRADE)]);
    await upgraded.until("101 ");
    await expect.poll(() => seen.requests.length).toBe(1);
    cut();
    await waiting.ended;
    await upgraded.send("still here");
    await upgraded.until("still here");
  });
});

test("an idle connection is kept for as long as the client is told, and no longer", async () => {
  const { port } = await startPlain({ keepAliveMs: 100 });
  const begin = performance.now();
  const peer = await dial(port);
  await peer.send(GET);
  await peer.ended;
  expect(peer.text()).toContain("Connection: keep-alive");
  expect(performance.now() - begin).toBeGreaterThanOrEqual(100);
});
