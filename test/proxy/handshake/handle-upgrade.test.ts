import { describe, expect, it } from "vitest";
import type { RefusedReport, RelayedReport } from "../../../src/base/report.ts";
import type { AnyPolicy } from "../../../src/policy/policy.ts";
import { createTrustedProxies } from "../../../src/proxy/handshake/trusted-proxies.ts";
import { endpointTable, entryFor, forwardTo, poolBackend, routingTable } from "../../harness/build-table.ts";
import { type RequestChanges, requestBytes, SAMPLE_ACCEPT } from "../../harness/incoming-request.ts";
import { fieldOf, readHead, switchingTo, takeUpgrade } from "../../harness/websocket-backend.ts";
import { openHouse, takingUpgrades } from "./open-house.ts";

// "hi", masked with zeros, and as a backend says it.
const FROM_CLIENT = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
const FROM_BACKEND = Buffer.from([0x81, 0x02, 0x68, 0x69]);

describe.each(["shared", "plain"] as const)("a good handshake, with %s reads", (reads) => {
  it("goes through to an echo, and is reported once with both ends of the story", async () => {
    await using house = await openHouse(
      async (connection) => {
        await takeUpgrade(connection);
        await connection.until((bytes) => bytes.subarray(-8).equals(FROM_CLIENT));
        await connection.send(FROM_BACKEND);
      },
      {},
      { reads },
    );
    const client = await house.dial();
    await client.send(requestBytes({ url: "/ch%61t?token=1" }));
    const answer = await client.until("\r\n\r\n");
    expect(answer.toString()).toBe(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n\r\n`,
    );
    await client.send(FROM_CLIENT);
    await client.until((bytes) => bytes.subarray(-4).equals(FROM_BACKEND));
    client.end();
    const report = (await house.proxy.report(0)) as RelayedReport;
    expect(report).toMatchObject({
      outcome: "relayed",
      status: 101,
      host: "a.example",
      path: "/chat",
      method: "GET",
      clientAddress: "127.0.0.1",
      service: "test/echo:80",
      endpoint: `127.0.0.1:${house.backend.port}`,
      route: { name: "route" },
      subprotocol: null,
    });
    expect(report.from.client).toMatchObject({ messages: 1, bytes: 8 });
    expect(house.proxy.reports).toHaveLength(1);
  });

  it("delivers early bytes of both sides behind the 101, in order", async () => {
    await using house = await openHouse(
      async (connection) => {
        const head = await readHead(connection);
        expect(connection.received()).toHaveLength(head.length);
        await connection.send(Buffer.concat([Buffer.from(switchingTo(head)), FROM_BACKEND, FROM_BACKEND]));
      },
      {},
      { reads },
    );
    const client = await house.dial();
    await client.send(Buffer.concat([Buffer.from(requestBytes()), FROM_CLIENT, FROM_CLIENT]));
    await client.until((bytes) => bytes.subarray(-8).equals(Buffer.concat([FROM_BACKEND, FROM_BACKEND])));
    const connection = await house.backend.connection(0);
    await connection.until((bytes) => bytes.subarray(-16).equals(Buffer.concat([FROM_CLIENT, FROM_CLIENT])));
  });
});

describe("the subprotocol in a report", () => {
  it.each([
    ["graphql-transport-ws", "graphql-transport-ws"],
    [`bearer.${"s3cr3t".repeat(12)}`, "[too long to be a name]"],
  ])("of %s is %s", async (chosen, reported) => {
    await using house = await openHouse(async (connection) => {
      await takeUpgrade(connection, [`Sec-WebSocket-Protocol: ${chosen}`]);
    });
    const client = await house.dial();
    await client.send(requestBytes({ more: [["Sec-WebSocket-Protocol", chosen]] }));
    expect(fieldOf((await client.until("\r\n\r\n")).toString(), "Sec-WebSocket-Protocol")).toBe(chosen);
    client.end();
    expect(await house.proxy.report(0)).toMatchObject({ outcome: "relayed", subprotocol: reported });
  });
});

describe("what the backend is asked", () => {
  it("keeps the casing and order of the client's fields, and writes its own Connection and Upgrade", async () => {
    await using house = await openHouse(takingUpgrades);
    const client = await house.dial();
    const request = requestBytes({
      url: "http://A.example:81/%7euser//x;y?b=%7e",
      change: { Host: "A.EXAMPLE.:81", Connection: "keep-alive, UPGRADE, X-Private", Upgrade: "WebSocket" },
      more: [
        ["sec-WebSocket-PROTOCOL", "v1"],
        ["X-Private", "gone"],
        ["x_forwarded_for", "6.6.6.6"],
        ["X-Forwarded-For", "6.6.6.6"],
        ["Cookie", "a=1"],
        ["cookie", "b=2"],
        ["HTTP2-Settings", "AAMAAABk"],
        ["TE", "trailers"],
      ],
    });
    await client.send(request);
    await client.until("\r\n\r\n");
    const head = await readHead(await house.backend.connection(0));
    const lines = head.split("\r\n");
    expect(lines.slice(0, 4)).toEqual([
      "GET /~user//x;y?b=%7e HTTP/1.1",
      "Host: a.example:81",
      "Connection: Upgrade",
      "Upgrade: websocket",
    ]);
    expect(lines.slice(4, 9)).toEqual([
      expect.stringMatching(/^Sec-WebSocket-Key: /),
      "Sec-WebSocket-Version: 13",
      "sec-WebSocket-PROTOCOL: v1",
      "Cookie: a=1",
      "cookie: b=2",
    ]);
    expect(fieldOf(head, "X-Forwarded-For")).toBe("127.0.0.1");
    expect(fieldOf(head, "X-Forwarded-Host")).toBe("a.example:81");
    expect(fieldOf(head, "X-Forwarded-Port")).toBe("81");
    for (const name of ["X-Private", "x_forwarded_for", "HTTP2-Settings", "TE"]) expect(fieldOf(head, name)).toBeNull();
  });

  it("is rewritten and edited as the rule says", async () => {
    const rewriting = forwardTo([poolBackend("test/echo:80")], {
      rewrite: { hostname: "inner.example", path: { type: "ReplacePrefixMatch", value: "/new" } },
      requestHeaders: { set: [["X-Edge", "1"]], add: [["X-Real-IP", "more"]], remove: ["cookie"] },
    });
    const routing = routingTable({ "a.example": [entryFor(rewriting, "/old")] });
    await using house = await openHouse(takingUpgrades, {}, { routing });
    const client = await house.dial();
    await client.send(requestBytes({ url: "/old/x?q", more: [["Cookie", "a=1"]] }));
    await client.until("\r\n\r\n");
    const head = await readHead(await house.backend.connection(0));
    expect(head).toMatch(/^GET \/new\/x\?q HTTP\/1\.1\r\nHost: inner\.example\r\n/);
    expect(fieldOf(head, "X-Edge")).toBe("1");
    expect(fieldOf(head, "X-Real-IP")).toBe("127.0.0.1 | more");
    expect(fieldOf(head, "X-Forwarded-Host")).toBe("a.example");
    expect(fieldOf(head, "Cookie")).toBeNull();
  });

  it("gives the 101 the rule's response fields, and passes the backend's own", async () => {
    await using house = await openHouse(
      async (connection) => {
        await takeUpgrade(connection, ["Set-Cookie: a=1", "set-cookie: b=2", "Content-Length: 0", "X-Gone: 1"]);
      },
      { responseHeaders: { set: [["X-Served-By", "fairlead"]], add: [], remove: ["x-gone"] } },
    );
    const client = await house.dial();
    await client.send(requestBytes());
    const answer = (await client.until("\r\n\r\n")).toString();
    expect(fieldOf(answer, "X-Served-By")).toBe("fairlead");
    expect(answer).toContain("\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n");
    expect(fieldOf(answer, "X-Gone")).toBeNull();
    expect(fieldOf(answer, "Content-Length")).toBeNull();
  });

  it("believes a trusted peer about client and request id", async () => {
    await using house = await openHouse(
      takingUpgrades,
      {},
      { settings: { trustedProxies: createTrustedProxies(["127.0.0.0/8"]) } },
    );
    const client = await house.dial();
    await client.send(
      requestBytes({
        more: [
          ["X-Forwarded-For", "6.6.6.6, 203.0.113.9, 127.0.0.9"],
          ["X-Forwarded-Proto", "https"],
          ["X-Request-Id", "outer-1"],
        ],
      }),
    );
    await client.until("\r\n\r\n");
    const head = await readHead(await house.backend.connection(0));
    expect(fieldOf(head, "X-Real-IP")).toBe("203.0.113.9");
    expect(fieldOf(head, "X-Forwarded-For")).toBe("6.6.6.6, 203.0.113.9, 127.0.0.9, 127.0.0.1");
    expect(fieldOf(head, "X-Forwarded-Proto")).toBe("https");
    expect(fieldOf(head, "X-Request-Id")).toBe("outer-1");
    client.reset();
    expect(await house.proxy.report(0)).toMatchObject({
      id: "outer-1",
      clientAddress: "203.0.113.9",
      peerAddress: "127.0.0.1",
    });
  });
});

describe("a handshake that is refused", () => {
  it.each<[string, RequestChanges, string, string]>([
    ["version 1337", { change: { "Sec-WebSocket-Version": "1337" } }, "426", "UnsupportedVersion"],
    ["no Host", { change: { Host: null } }, "400", "BadRequest"],
    ["two Hosts", { more: [["Host", "b.example"]] }, "400", "BadRequest"],
    [
      "a Connection that names protected fields",
      { change: { Connection: "upgrade, authorization" } },
      "400",
      "BadRequest",
    ],
    ["a body by length", { more: [["Content-Length", "5"]] }, "400", "BadRequest"],
    ["a chunked body", { more: [["Transfer-Encoding", "chunked"]] }, "400", "BadRequest"],
    ["Expect", { more: [["Expect", "100-continue"]] }, "417", "ExpectationFailed"],
    ["POST", { method: "POST" }, "405", "MethodNotAllowed"],
    ["an unknown host", { change: { Host: "b.example" } }, "404", "NoRoute"],
    ["a dot segment", { url: "/a/%2E%2e/b" }, "400", "BadRequest"],
    ["an authority that is not Host", { url: "http://b.example/" }, "400", "BadRequest"],
  ])("for %s gets one short answer, and no backend is dialled", async (_, changes, status, failure) => {
    await using house = await openHouse(() => {});
    const answer = await house.ask(changes, "GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n");
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(fieldOf(answer, "Connection")).toContain("close");
    expect(fieldOf(answer, "X-Request-Id")).toMatch(/^test-0-\d+$/);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(house.backend.connections).toHaveLength(0);
    expect(house.proxy.reports).toEqual([
      expect.objectContaining({ outcome: "refused", status: Number(status), failure }),
    ]);
  });

  it("says which version it speaks", async () => {
    await using house = await openHouse(() => {});
    const answer = await house.ask({ change: { "Sec-WebSocket-Version": "1337" } });
    expect(fieldOf(answer, "Sec-WebSocket-Version")).toBe("13");
    expect(fieldOf(answer, "Upgrade")).toBe("websocket");
  });

  it("tells details only with debugResponses", async () => {
    await using quiet = await openHouse(() => {});
    expect(await quiet.ask({ change: { Host: "a@b" } })).not.toContain("Host field");
    await using loud = await openHouse(() => {}, {}, { settings: { debugResponses: true } });
    expect(await loud.ask({ change: { Host: "a@b" } })).toContain("the Host field is not a valid host");
  });

  it("never repeats a query, where tokens live, in its report", async () => {
    await using house = await openHouse(() => {});
    const answer = await house.ask({ url: "/x?access_token=SENTINEL", change: { Host: "b.example" } });
    expect(answer + JSON.stringify(house.proxy.reports)).not.toContain("SENTINEL");
  });

  it("from a foreign origin gets 403 before anything is dialled", async () => {
    const config = { opaque: false, origins: [{ scheme: "https", host: "app.example", port: 443, subdomains: false }] };
    await using house = await openHouse(takingUpgrades, {
      policies: new Map([["allowedOrigins", config]]),
    });
    expect(await house.ask({ more: [["Origin", "https://evil.example"]] })).toMatch(/^HTTP\/1\.1 403 /);
    expect(house.backend.connections).toHaveLength(0);
    const client = await house.dial();
    await client.send(requestBytes({ more: [["Origin", "https://app.example"]] }));
    expect((await client.until("\r\n\r\n")).toString()).toMatch(/^HTTP\/1\.1 101 /);
  });

  it("gets 503 with Retry-After when this replica drains, and when it is full", async () => {
    await using draining = await openHouse(() => {});
    await draining.proxy.drain();
    await using full = await openHouse(() => {}, {}, { limit: 0 });
    for (const [house, failure] of [
      [draining, "Draining"],
      [full, "TooManyConnections"],
    ] as const) {
      const answer = await house.ask({});
      expect(answer).toMatch(/^HTTP\/1\.1 503 /);
      expect(fieldOf(answer, "Retry-After")).toBe("1");
      expect(house.backend.connections).toHaveLength(0);
      expect(house.proxy.reports).toEqual([expect.objectContaining({ failure })]);
    }
  });

  it("gets 503 with Retry-After when no endpoint is ready", async () => {
    await using house = await openHouse(() => {}, {}, { endpoints: endpointTable({ "test/echo:80": [] }) });
    const answer = await house.ask({});
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(fieldOf(answer, "Retry-After")).toBe("1");
    expect(house.proxy.reports).toEqual([expect.objectContaining({ failure: "NoReadyEndpoint" })]);
  });

  it("gets the status of the refusal that its weighted share carries", async () => {
    await using house = await openHouse(() => {}, {
      backends: [{ type: "Refuse", weight: 1, status: 500, detail: "no such Service" }],
    });
    expect(await house.ask({})).toMatch(/^HTTP\/1\.1 500 /);
    expect(house.proxy.reports).toEqual([expect.objectContaining({ status: 500, failure: "RouteRefused" })]);
  });
});

describe("a body on an upgrade", () => {
  it.each(["Content-Length: 1000000", "Transfer-Encoding: chunked"])(
    "is refused by %s alone: none of it need come",
    async (field) => {
      await using house = await openHouse(() => {});
      const client = await house.dial();
      await client.send(requestBytes().replace(/\r\n$/, `${field}\r\n\r\n`));
      await client.ended;
      expect(client.text()).toMatch(/^HTTP\/1\.1 400 /);
      expect(house.backend.connections).toHaveLength(0);
    },
  );
});

describe("what a gate took", () => {
  const slots = { taken: 0, most: 0 };
  const slot: AnyPolicy = {
    name: "slot",
    parse: () => ({ ok: true, config: null }),
    gate: () => () => {
      slots.taken += 1;
      slots.most = Math.max(slots.most, slots.taken);
      return {
        allowed: true,
        release: () => {
          slots.taken -= 1;
        },
      };
    },
  };
  const withSlot = { policies: new Map([["slot", null]]) };

  it("is held while the WebSocket is open, and given back at its end", async () => {
    await using house = await openHouse(takingUpgrades, withSlot, { policies: [slot] });
    const client = await house.dial();
    await client.send(requestBytes());
    await client.until("\r\n\r\n");
    expect(slots.taken).toBe(1);
    client.reset();
    await house.proxy.report(0);
    expect(slots.taken).toBe(0);
  });

  it("is given back when the backend declines, fails, or the client leaves", async () => {
    slots.most = 0;
    await using declining = await openHouse(
      async (connection) => {
        await readHead(connection);
        await connection.send("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
      },
      withSlot,
      { policies: [slot] },
    );
    await declining.ask();
    await declining.proxy.settled();
    await using failing = await openHouse((connection) => connection.reset(), withSlot, { policies: [slot] });
    await failing.ask();
    await failing.proxy.settled();
    await using silent = await openHouse(() => {}, withSlot, { policies: [slot] });
    const client = await silent.dial();
    await client.send(requestBytes());
    await silent.backend.connection(0);
    client.reset();
    await silent.proxy.report(0);
    await silent.proxy.settled();
    expect(slots).toEqual({ taken: 0, most: 1 });
  });
});

describe("other upgrades", () => {
  it.each<[string, RequestChanges]>([
    ["h2c", { change: { Upgrade: "h2c" } }],
    ["h2c before websocket", { change: { Upgrade: "h2c, websocket" } }],
    ["websocket before h2c", { change: { Upgrade: "websocket, h2c" } }],
    ["two fields", { more: [["Upgrade", "h2c"]] }],
    ["TLS/1.0", { change: { Upgrade: "TLS/1.0" } }],
    ["websocket on HTTP/1.0", { minor: 0 }],
  ])("take the plain path: %s", async (_, changes) => {
    await using house = await openHouse(() => {});
    const client = await house.dial();
    await client.send(requestBytes({ ...changes, more: [...(changes.more ?? []), ["Connection", "close"]] }));
    await client.ended;
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 [^]*plain/);
    expect(house.proxy.reports).toHaveLength(0);
    expect(house.backend.connections).toHaveLength(0);
  });
});

describe("an upgrade behind an answer that is not finished", () => {
  it("costs the connection, dials nothing and ends nothing else", async () => {
    await using house = await openHouse(() => {}, {}, { onRequest: (_request, response) => response.write("begun") });
    const client = await house.dial();
    await client.send(`GET /slow HTTP/1.1\r\nHost: a.example\r\n\r\n${requestBytes()}`);
    await client.ended;
    expect(client.text()).not.toContain("101");
    expect(house.backend.connections).toHaveLength(0);
    expect((await house.proxy.report(0)) as RefusedReport).toMatchObject({ outcome: "refused", failure: "ClientGone" });
  });

  it("also when the answer is complete but unread", async () => {
    const big = Buffer.alloc(8 * 1024 * 1024);
    await using house = await openHouse(() => {}, {}, { onRequest: (_request, response) => response.end(big) });
    const client = await house.dial();
    client.socket.pause();
    await client.send(`GET /big HTTP/1.1\r\nHost: a.example\r\n\r\n${requestBytes()}`);
    expect((await house.proxy.report(0)) as RefusedReport).toMatchObject({ failure: "ClientGone" });
    expect(house.backend.connections).toHaveLength(0);
  });
});
