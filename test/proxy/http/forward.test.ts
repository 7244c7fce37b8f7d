import { describe, expect, it } from "vitest";
import { createTrustedProxies } from "../../../src/proxy/handshake/trusted-proxies.ts";
import { compileRoutes } from "../../../src/table/match.ts";
import { compileHostTls } from "../../../src/table/select-host-tls.ts";
import { entryFor, forwardTo, poolBackend, routingTable } from "../../harness/build-table.ts";
import { listenRaw } from "../../harness/raw-backend.ts";
import { answering, backendFor, essence, serveForwarder } from "./serve-forwarder.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

describe("what the backend is sent", () => {
  it("keeps casing, order and duplicates, and drops every hop-by-hop field", async () => {
    const backend = await answering(OK);
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(
      "GET /a?b=%2f HTTP/1.1\r\nHost: A.example:80\r\nX-CasE: one\r\nx-hop: drop\r\nX-Two: 1\r\nX-Two: 2\r\n" +
        "TE: trailers\r\nKeep-Alive: timeout=1\r\nProxy-Authorization: Basic x\r\nProxy-Connection: keep-alive\r\n" +
        "Trailer: X-T\r\nAccept: */*\r\nx_forwarded_for: 10.0.0.1\r\nConnection: keep-alive, X-Hop\r\n\r\n",
    );
    await client.until("ok");
    expect(essence((await backend.connection(0)).text())).toBe(
      "GET /a?b=%2f HTTP/1.1\r\nHost: a.example:80\r\nX-CasE: one\r\nX-Two: 1\r\nX-Two: 2\r\nAccept: */*\r\n" +
        "Connection: keep-alive\r\n\r\n",
    );
  });

  it("sends an h2c upgrade on as the plain request that it also is", async () => {
    const backend = await answering(OK);
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(
      "GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n" +
        "Connection: Upgrade, HTTP2-Settings\r\n\r\n",
    );
    await client.until("ok");
    const sent = (await backend.connection(0)).text();
    expect(sent).not.toMatch(/upgrade|http2-settings|h2c/i);
  });

  it("overwrites forwarding fields of a peer that is not trusted", async () => {
    const backend = await answering(OK);
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(
      "GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n" +
        "X-Real-IP: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\nX-Request-Id: mine\r\nX-Forwarded-User: root\r\n\r\n",
    );
    await client.until("ok");
    const sent = (await backend.connection(0)).text();
    expect(sent).not.toMatch(/203\.0\.113\.7|mine|root|https/);
    expect(sent).toContain("X-Forwarded-For: 127.0.0.1\r\n");
    expect(sent).toContain("X-Forwarded-Proto: http\r\n");
    expect(sent).toContain("X-Forwarded-Host: a.example\r\n");
    expect(sent).toContain("X-Request-Id: test-0-1\r\n");
  });

  it("continues those of a trusted peer, whose word it takes for the client's address", async () => {
    const backend = await answering(OK);
    const trustedProxies = createTrustedProxies(["127.0.0.0/8"]);
    const serving = await serveForwarder([backend.port], { settings: { trustedProxies } });
    const client = await serving.connect();
    await client.send(
      "GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n" +
        "X-Request-Id: theirs\r\n\r\n",
    );
    await client.until("ok");
    const sent = (await backend.connection(0)).text();
    expect(sent).toContain("X-Forwarded-For: 203.0.113.7, 127.0.0.1\r\n");
    expect(sent).toContain("X-Forwarded-Proto: https\r\n");
    expect(sent).toContain("X-Request-Id: theirs\r\n");
    expect(await serving.report(0)).toMatchObject({ clientAddress: "203.0.113.7", id: "theirs" });
  });

  it("rewrites host and path and edits fields as the rule says", async () => {
    const backend = await answering(OK);
    const rewrite = { hostname: "inner.example", path: { type: "ReplacePrefixMatch", value: "/v2" } } as const;
    const requestHeaders = { set: [["X-Set", "1"]], add: [["X-Add", "2"]], remove: ["X-Gone"] } as const;
    const forward = forwardTo([poolBackend("test/web:80")], { rewrite, requestHeaders });
    const serving = await serveForwarder([backend.port], { entries: [entryFor(forward, "/api")] });
    const client = await serving.connect();
    await client.send("GET /api/x?q HTTP/1.1\r\nHost: a.example\r\nX-Gone: 1\r\nX-Set: 0\r\nX-Add: 1\r\n\r\n");
    await client.until("ok");
    expect(essence((await backend.connection(0)).text())).toBe(
      "GET /v2/x?q HTTP/1.1\r\nHost: inner.example\r\nX-Add: 1\r\nX-Add: 2\r\nX-Set: 1\r\nConnection: keep-alive\r\n\r\n",
    );
  });

  it("sends the path as it was matched, a bare question mark and double slashes included", async () => {
    const backend = await answering(OK);
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("GET //a//%7eb;c=%2f|? HTTP/1.1\r\nHost: a.example\r\n\r\n");
    await client.until("ok");
    expect((await backend.connection(0)).text()).toMatch(/^GET \/\/a\/\/~b;c=%2F\|\? HTTP\/1\.1\r\n/);
  });

  it("takes an absolute-form target apart, and refuses one that contradicts Host", async () => {
    const backend = await answering(OK);
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n");
    await client.until("ok");
    expect((await backend.connection(0)).text()).toMatch(/^GET \/x HTTP\/1\.1\r\n/);
    await client.send("GET http://b.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n");
    await client.until("HTTP/1.1 400 ");
  });

  it.each(["/a/../b", "/a/%2e%2E/b", "/a\\b", "/a%5cb", "/a%00b"])("refuses the path %s", async (path) => {
    const backend = await backendFor();
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(`GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    await client.until("HTTP/1.1 400 ");
    expect(backend.connections).toHaveLength(0);
  });
});

describe("what the client is sent", () => {
  it("keeps the backend's casing, order and duplicates, and drops hop-by-hop fields", async () => {
    const backend = await answering(
      "HTTP/1.1 201 Made It\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nSet-Cookie: a=1\r\nX-Y: 1\r\nset-cookie: b=2\r\n" +
        "X-Hop: 1\r\nConnection: X-Hop\r\nKeep-Alive: timeout=9\r\nUpgrade: h2c\r\nProxy-Authenticate: Basic\r\n" +
        "Content-Length: 2\r\n\r\nok",
    );
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await client.until("\r\n\r\nok");
    expect(client.text()).toBe(
      "HTTP/1.1 201 Made It\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nSet-Cookie: a=1\r\nX-Y: 1\r\nset-cookie: b=2\r\n" +
        "Content-Length: 2\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\nok",
    );
  });

  it("has its fields edited as the rule says", async () => {
    const backend = await answering("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n\r\nok");
    const responseHeaders = { set: [["X-Set", "1"]], add: [["Vary", "Origin"]], remove: ["server"] } as const;
    const serving = await serveForwarder([backend.port], { forward: { responseHeaders } });
    const client = await serving.connect();
    await client.send(GET);
    await client.until("ok");
    expect(client.text()).toContain("X-Set: 1\r\nVary: Origin\r\n");
    expect(client.text()).not.toContain("Server:");
  });

  it.each(["No \u0001", "\u007f", ""])(
    "with the reason phrase %j is passed on with the standard one",
    async (reason) => {
      const backend = await answering(`HTTP/1.1 204 ${reason}\r\n\r\n`);
      const serving = await serveForwarder([backend.port]);
      const client = await serving.connect();
      await client.send(GET);
      expect((await client.until("\r\n\r\n")).toString("latin1")).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
    },
  );

  it.each(["", "Upgrade: websocket\r\nConnection: Upgrade\r\n"])(
    "that switches protocols unasked is none: %j",
    async (fields) => {
      const backend = await answering(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`);
      const serving = await serveForwarder([backend.port]);
      const client = await serving.connect();
      await client.send(GET);
      expect((await client.until("\r\n\r\n")).toString("latin1")).toMatch(/^HTTP\/1\.1 502 /);
      expect(await serving.report(0)).toMatchObject({ failure: "InvalidBackendAnswer" });
    },
  );

  it.each([
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", /Content-Length: 500\r\n/],
    ["GET", "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 500\r\n\r\n", /Content-Length: 500\r\n/],
    ["GET", "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n", /X-A: b\r\n/],
  ])("frames the bodyless answer to %s so that the next one is found: %s", async (method, answer, expected) => {
    const backend = await answering(answer, OK);
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(`${method} / HTTP/1.1\r\nHost: a.example\r\n\r\n${GET}`);
    await client.until("\r\n\r\nok");
    const [first = "", second = ""] = client.text().split("\r\n\r\n");
    expect(first + "\r\n").toMatch(expected);
    expect(first).not.toMatch(/transfer-encoding/i);
    expect(second).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(backend.connections).toHaveLength(1);
  });

  it("drops interim answers and trailers, and says that it keeps chunked bodies chunked", async () => {
    const backend = await answering(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n" +
        "2\r\nok\r\n0\r\nX-T: 1\r\n\r\n",
    );
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await client.until("0\r\n\r\n");
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(client.text()).toMatch(/\r\n\r\n2\r\nok\r\n0\r\n\r\n$/);
    expect(client.text()).not.toMatch(/trailer|X-T/i);
  });

  it("ends with the connection where an HTTP/1.0 client cannot be sent chunks", async () => {
    const backend = await answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n");
    expect(await client.ended).toBe("fin");
    expect(client.text()).toMatch(/\r\n\r\nok$/);
  });

  it("names the protocol that a 426 of the backend asks for", async () => {
    const backend = await answering(
      "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nok",
    );
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await client.until("ok");
    expect(client.text()).toContain("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
  });
});

describe("what Fairlead answers itself", () => {
  it("answers OPTIONS * without a backend", async () => {
    const backend = await backendFor();
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n");
    await client.until("\r\n\r\n");
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Length: 0\r\n/);
    expect(await serving.report(0)).toMatchObject({ outcome: "answered", status: 200, endpoint: null });
    expect(backend.connections).toHaveLength(0);
  });

  it("answers 417 to expectations other than 100-continue", async () => {
    const backend = await backendFor();
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("POST / HTTP/1.1\r\nHost: a.example\r\nExpect: tea\r\nContent-Length: 1\r\n\r\na");
    await client.until("HTTP/1.1 417 ");
    expect(backend.connections).toHaveLength(0);
  });

  it("answers 426 where only rules with subprotocols match, and keeps the connection", async () => {
    const backend = await backendFor();
    const entries = [entryFor(forwardTo([poolBackend("test/web:80")]), "/", { subprotocols: ["mqtt"] })];
    const serving = await serveForwarder([backend.port], { entries });
    const client = await serving.connect();
    await client.send(GET + GET);
    await client.until((bytes) => bytes.toString().split("speaks WebSocket only").length > 2);
    expect(client.text()).toMatch(/^HTTP\/1\.1 426 [^]*\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n/);
    expect(backend.connections).toHaveLength(0);
  });

  it("redirects to https where the host has a certificate, with path and query", async () => {
    const hostTls = compileHostTls({
      certificates: new Map(),
      hosts: [{ host: { type: "exact", name: "a.example" }, certificates: ["one"], minVersion: "TLSv1.2" }],
      fallback: null,
      ticketKeys: null,
    });
    const entry = entryFor(forwardTo([poolBackend("test/web:80")], { redirectToHttps: true }));
    const routes = compileRoutes(routingTable({ "*": [entry] }), []);
    const serving = await serveForwarder([], { deps: { indexes: () => ({ routes, hostTls }) } });
    const client = await serving.connect();
    await client.send("GET /a?b=1 HTTP/1.1\r\nHost: a.example:8080\r\n\r\n");
    await client.until("served over HTTPS");
    expect(client.text()).toMatch(/^HTTP\/1\.1 308 [^]*\r\nLocation: https:\/\/a\.example\/a\?b=1\r\n/);
  });

  it("names every refusal by the request's id, and says why only when it is asked to", async () => {
    for (const debugResponses of [false, true]) {
      const serving = await serveForwarder([], { settings: { debugResponses } });
      const client = await serving.connect();
      await client.send("GET /?token=SENTINEL HTTP/1.1\r\nHost: a.example\r\n\r\n");
      await client.until("No endpoint is ready.\n");
      const report = await serving.report(0);
      expect(client.text()).toContain(`X-Request-Id: ${report.id}\r\n`);
      expect(client.text().includes("test/web:80")).toBe(debugResponses);
      expect(JSON.stringify(report)).not.toContain("SENTINEL");
    }
  });

  it("keeps the connection after a refusal whose request it has read", async () => {
    const backend = await answering(OK);
    const entries = [entryFor(forwardTo([poolBackend("test/web:80")]), "/here")];
    const serving = await serveForwarder([backend.port], { entries });
    const client = await serving.connect();
    await client.send(GET);
    await client.until("No route matches");
    await client.send("GET /here HTTP/1.1\r\nHost: a.example\r\n\r\n");
    await client.until("\r\n\r\nok");
    expect(serving.reports[0]).toMatchObject({ outcome: "refused", status: 404, failure: "NoRoute" });
  });

  it("delivers a refusal to a client that is still sending its body, and then closes", async () => {
    const serving = await serveForwarder([], { entries: [] });
    const client = await serving.connect();
    const megabyte = "x".repeat(1024 * 1024);
    await client.send(
      `POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${megabyte.length * 2}\r\n\r\n${megabyte}`,
    );
    await client.until("No route matches");
    await client.send(megabyte);
    expect(await client.ended).toBe("fin");
  });

  it("answers 503 once it has stopped accepting, and closes", async () => {
    const backend = await backendFor();
    const serving = await serveForwarder([backend.port], { deps: { phase: () => "refusing" } });
    const client = await serving.connect();
    await client.send(GET);
    expect(await client.ended).toBe("fin");
    expect(client.text()).toMatch(/^HTTP\/1\.1 503 [^]*\r\nRetry-After: 1\r\n/);
    expect(backend.connections).toHaveLength(0);
  });

  it("sends pipelined requests to the backend one after another", async () => {
    const backend = await answering(OK);
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(`POST /1 HTTP/1.1\r\nHost: a.example\r\n\r\nGET /2 HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    await client.until((bytes) => bytes.toString().split("\r\n\r\nok").length > 2);
    expect(backend.connections).toHaveLength(1);
    expect(serving.reports.map((report) => report.path)).toEqual(["/1", "/2"]);
  });

  it("ends a connection that sends requests far ahead of their answers", async () => {
    const backend = await backendFor();
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET.repeat(100));
    await client.ended;
    expect(backend.connections.length).toBeLessThanOrEqual(1);
    expect(await serving.report(99)).toMatchObject({ outcome: "refused", failure: "ClientGone" });
  });

  it("says Connection: close while it drains", async () => {
    const backend = await answering(OK);
    const serving = await serveForwarder([backend.port], { deps: { phase: () => "draining" } });
    const client = await serving.connect();
    await client.send(GET);
    expect(await client.ended).toBe("fin");
    expect(client.text()).toMatch(/\r\nConnection: close\r\n[^]*ok$/);
  });

  it("answers 503 when no endpoint is ready", async () => {
    const serving = await serveForwarder([]);
    const client = await serving.connect();
    await client.send(GET);
    await client.until("No endpoint is ready.");
    expect(client.text()).toMatch(/^HTTP\/1\.1 503 /);
    expect(await serving.report(0)).toMatchObject({ outcome: "refused", failure: "NoReadyEndpoint" });
  });

  it("answers 502 when no endpoint accepts, having tried each once", async () => {
    const gone = await listenRaw();
    await gone.close();
    const serving = await serveForwarder([gone.port]);
    const client = await serving.connect();
    await client.send(GET);
    await client.until("The endpoint refused the connection.");
    expect(client.text()).toMatch(/^HTTP\/1\.1 502 /);
    expect(await serving.report(0)).toMatchObject({ failure: "ConnectFailed", endpoint: `127.0.0.1:${gone.port}` });
  });

  it("asks another endpoint when one refuses the connection, with the whole body", async () => {
    const gone = await listenRaw();
    await gone.close();
    const backend = await backendFor(async (connection) => {
      await connection.until("hello");
      await connection.send(OK);
    });
    const serving = await serveForwarder([gone.port, backend.port]);
    const client = await serving.connect();
    await client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello");
    await client.until("\r\n\r\nok");
    expect(await serving.report(0)).toMatchObject({ outcome: "answered", endpoint: `127.0.0.1:${backend.port}` });
  });

  it("does not ask another endpoint once a connection stood", async () => {
    const resetting = await backendFor(async (connection) => {
      await connection.until("\r\n\r\n");
      connection.reset();
    });
    const other = await answering(OK);
    const serving = await serveForwarder([resetting.port, other.port]);
    const client = await serving.connect();
    await client.send(GET);
    await client.until("The endpoint closed the connection early.");
    expect(other.connections).toHaveLength(0);
  });

  it.each([
    ["no HTTP at all", "hello\r\n\r\n"],
    ["both framings", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
    ["an unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
    ["101 to a plain request", "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"],
    ["a header without end", `HTTP/1.1 200 OK\r\nX-A: ${"a".repeat(100_000)}\r\n\r\n`],
  ])("answers 502 to a backend that sends %s", async (_name, answer) => {
    const backend = await answering(answer);
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(GET);
    await client.until("HTTP/1.1 502 ");
    expect(await serving.report(0)).toMatchObject({ failure: "InvalidBackendAnswer" });
    await backend.idle();
  });
});
