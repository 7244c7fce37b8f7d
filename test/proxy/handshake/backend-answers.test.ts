import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { requestBytes } from "../../harness/incoming-request.ts";
import type { RawPeer } from "../../harness/raw-client.ts";
import { fieldOf, readHead, switchingTo } from "../../harness/websocket-backend.ts";
import { openHouse } from "./open-house.ts";

const EARLY = "GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n";

/** Answers each handshake with these bytes, and closes when the other end has. */
function answering(answer: (head: string) => string | Uint8Array): (connection: RawPeer) => Promise<void> {
  return async (connection) => {
    const head = await readHead(connection);
    await connection.send(answer(head));
    await connection.ended;
    connection.end();
  };
}

describe("an answer that is no valid 101", () => {
  const accept = (head: string): string => switchingTo(head);
  it.each<[string, (head: string) => string]>([
    ["a wrong Accept", (head) => accept(head).replace(/Accept: .{4}/, "Accept: AAAA")],
    ["no Accept", (head) => accept(head).replace(/Sec-WebSocket-Accept: .*\r\n/, "")],
    ["no Upgrade", (head) => accept(head).replace("Upgrade: websocket\r\n", "")],
    ["another Upgrade", (head) => accept(head).replace("Upgrade: websocket", "Upgrade: h2c")],
    ["no Connection", (head) => accept(head).replace("Connection: Upgrade\r\n", "")],
    ["a subprotocol never offered", (head) => switchingTo(head, ["Sec-WebSocket-Protocol: v9"])],
    ["an extension never offered", (head) => switchingTo(head, ["Sec-WebSocket-Extensions: permessage-deflate"])],
    ["the status alone", () => "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    ["HTTP/1.0", (head) => accept(head).replace("HTTP/1.1", "HTTP/1.0")],
    ["garbage", () => "\u0000\u0001garbage\r\n\r\n"],
    ["an SSH banner", () => "SSH-2.0-OpenSSH_9.9\r\n"],
    ["a folded field", (head) => switchingTo(head, ["X-A: 1", " 2"])],
    ["a giant head", () => `HTTP/1.1 101 S\r\nX-A: ${"a".repeat(100_000)}\r\n\r\n`],
    [
      "2 000 fields",
      (head) =>
        switchingTo(
          head,
          Array.from({ length: 2_000 }, (_, n) => `X-${n}: 1`),
        ),
    ],
    ["both a length and chunks", () => "HTTP/1.1 400 No\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["interim answers without end", () => "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(20)],
  ])("such as %s is 502, and the client's early bytes never left", async (_, answer) => {
    await using house = await openHouse(answering(answer));
    const got = await house.ask({}, EARLY);
    expect(got).toMatch(/^HTTP\/1\.1 502 /);
    expect(got).not.toContain("101");
    expect(house.proxy.reports).toEqual([
      expect.objectContaining({ outcome: "refused", status: 502, failure: "InvalidBackendAnswer" }),
    ]);
    await house.backend.idle();
    expect(house.backend.connections).toHaveLength(1);
    expect(house.backend.connections[0]?.text()).not.toContain("smuggled");
  });
});

describe("a backend that does not answer", () => {
  it.each<[string, unknown, (connection: RawPeer) => Promise<void>]>([
    ["closes at once", "BackendReset", async (connection) => connection.end()],
    // So early a reset may also be the end of the connect.
    [
      "resets at once",
      expect.stringMatching(/^(?:BackendReset|ConnectFailed)$/),
      async (connection) => connection.reset(),
    ],
    [
      "closes after the request",
      "BackendReset",
      async (connection) => {
        await readHead(connection);
        connection.end();
      },
    ],
    [
      "resets in the middle of its head",
      "BackendReset",
      async (connection) => {
        await readHead(connection);
        await connection.send("HTTP/1.1 101 Switching");
        connection.reset();
      },
    ],
    [
      "closes in the middle of its head",
      "BackendReset",
      async (connection) => {
        await readHead(connection);
        await connection.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n");
        connection.end();
      },
    ],
  ])("but %s is 502, and is not tried again", async (_, failure, script) => {
    await using house = await openHouse(script);
    expect(await house.ask()).toMatch(/^HTTP\/1\.1 502 /);
    expect(house.proxy.reports).toEqual([expect.objectContaining({ status: 502, failure })]);
    expect(house.backend.connections).toHaveLength(1);
    await house.backend.idle();
  });

  it.each([
    ["says nothing", ""],
    ["stalls in the middle of its head", "HTTP/1.1 101 Switching Protocols\r\nUpgra"],
    ["sends an interim answer and no more", "HTTP/1.1 100 Continue\r\n\r\n"],
  ])("but %s is 504 when the budget is spent, and not before", async (_, said) => {
    const clock = createFakeClock();
    await using house = await openHouse(
      answering(() => said),
      {},
      { clock },
    );
    const client = await house.dial();
    await client.send(requestBytes());
    await readHead(await house.backend.connection(0));
    clock.advance(4_999);
    expect(house.proxy.reports).toHaveLength(0);
    clock.advance(1);
    await client.ended;
    expect(client.text()).toMatch(/^HTTP\/1\.1 504 /);
    expect(await house.proxy.report(0)).toMatchObject({ failure: "HandshakeTimeout", handshakeMs: 5_000 });
    await house.backend.idle();
  });
});

describe("interim answers", () => {
  it("are skipped", async () => {
    await using house = await openHouse(
      answering(
        (head) => `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${switchingTo(head)}`,
      ),
    );
    const client = await house.dial();
    await client.send(requestBytes());
    const answer = (await client.until("\r\n\r\n")).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).not.toContain("Link");
  });
});

describe("an answer that declines", () => {
  it.each<[string, string, RegExp]>([
    [
      "with a length",
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nhello, not this",
      /^HTTP\/1\.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\nX-A: 1\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello$/,
    ],
    [
      "in chunks",
      "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-T: 1\r\n\r\n",
      /^HTTP\/1\.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n$/,
    ],
    [
      "without a body",
      "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
      /^HTTP\/1\.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n$/,
    ],
    ["with 204", "HTTP/1.1 204 No Content\r\n\r\n", /^HTTP\/1\.1 204 No Content\r\nConnection: close\r\n\r\n$/],
    [
      "with a redirect and hop-by-hop fields",
      "HTTP/1.1 302 Found\r\nLocation: /login\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n",
      /^HTTP\/1\.1 302 Found\r\nLocation: \/login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n$/,
    ],
    [
      "without a reason",
      "HTTP/1.1 429\r\nContent-Length: 2\r\n\r\nno",
      /^HTTP\/1\.1 429 \r\nContent-Length: 2\r\nConnection: close\r\n\r\nno$/,
    ],
  ])("%s is relayed as it is, and both sides are closed", async (_, answer, wanted) => {
    await using house = await openHouse(answering(() => answer));
    expect(await house.ask({}, EARLY)).toMatch(wanted);
    const status = Number(answer.slice(9, 12));
    expect(house.proxy.reports).toEqual([
      expect.objectContaining({ outcome: "answered", upgrade: true, status, complete: true }),
    ]);
    await house.backend.idle();
    expect(house.backend.connections[0]?.text()).not.toContain("smuggled");
  });

  it("until it closes is relayed until it closes", async () => {
    await using house = await openHouse(async (connection) => {
      await readHead(connection);
      await connection.send("HTTP/1.0 500 Oh\r\nX-A: 1\r\n\r\nhel");
      await connection.send("lo");
      connection.end();
    });
    expect(await house.ask()).toMatch(/^HTTP\/1\.1 500 Oh\r\nX-A: 1\r\nConnection: close\r\n\r\nhello$/);
    expect(house.proxy.reports).toEqual([expect.objectContaining({ status: 500, complete: true })]);
  });

  it("gets the rule's response fields", async () => {
    const responseHeaders = { set: [["X-Served-By", "fairlead"] as const], add: [], remove: ["server"] };
    await using house = await openHouse(
      answering(() => "HTTP/1.1 401 No\r\nServer: x\r\nContent-Length: 0\r\n\r\n"),
      { responseHeaders },
    );
    const answer = await house.ask();
    expect(fieldOf(answer, "X-Served-By")).toBe("fairlead");
    expect(fieldOf(answer, "Server")).toBeNull();
  });

  it("passes a large body whole", async () => {
    const body = Buffer.alloc(1_000_000, "x");
    await using house = await openHouse(
      answering(() => Buffer.concat([Buffer.from(`HTTP/1.1 400 No\r\nContent-Length: ${body.length}\r\n\r\n`), body])),
    );
    const answer = await house.ask();
    expect(answer.slice(answer.indexOf("\r\n\r\n") + 4)).toHaveLength(body.length);
    expect(house.proxy.reports).toEqual([expect.objectContaining({ complete: true })]);
  });

  it.each([
    ["its length", "HTTP/1.1 400 No\r\nContent-Length: 50\r\n\r\nhel"],
    ["its last chunk", "HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n"],
  ])("and ends before %s is reset at the client, so that it cannot pass for whole", async (_, answer) => {
    await using house = await openHouse(async (connection) => {
      await readHead(connection);
      await connection.send(answer);
      connection.end();
    });
    const client = await house.dial();
    await client.send(requestBytes());
    expect(await client.ended).toBe("reset");
    expect(await house.proxy.report(0)).toMatchObject({ outcome: "answered", status: 400, complete: false });
    await house.backend.idle();
  });

  it("and stands still is given up", async () => {
    const clock = createFakeClock();
    await using house = await openHouse(
      answering(() => "HTTP/1.1 400 No\r\nContent-Length: 50\r\n\r\nhel"),
      {},
      { clock },
    );
    const client = await house.dial();
    await client.send(requestBytes());
    await client.until("hel");
    // The timer of the step that waits for more is set once the step before is done.
    while (house.proxy.reports.length === 0) {
      clock.advance(5_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(house.proxy.reports).toEqual([expect.objectContaining({ outcome: "answered", complete: false })]);
    await house.backend.idle();
  });
});

describe("a drain that begins during the handshake", () => {
  it("closes the WebSocket directly after its 101", async () => {
    const { promise: mayAnswer, resolve: letAnswer } = Promise.withResolvers<void>();
    await using house = await openHouse(async (connection) => {
      const head = await readHead(connection);
      await mayAnswer;
      await connection.send(switchingTo(head));
    });
    const other = await house.dial();
    await other.send(requestBytes());
    await readHead(await house.backend.connection(0));
    const keeper = await house.dial();
    await keeper.send(requestBytes());
    await readHead(await house.backend.connection(1));
    letAnswer();
    await other.until("\r\n\r\n");
    await keeper.until("\r\n\r\n");
    const outcome = house.proxy.drain();
    const late = await house.ask();
    expect(late).toMatch(/^HTTP\/1\.1 503 /);
    await other.until((bytes) => bytes.includes(Buffer.from([0x88, 0x02, 0x03, 0xf4])));
    other.end();
    keeper.end();
    for (const connection of house.backend.connections) connection.end();
    expect((await outcome).asked).toBe(2);
  });
});
