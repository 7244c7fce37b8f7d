import { describe, expect, it } from "vitest";
import type { RawBackend } from "../../harness/raw-backend.ts";
import type { RawPeer } from "../../harness/raw-client.ts";
import { backendFor, essence, serveForwarder } from "./serve-forwarder.ts";

/** Answers `ok` each time that the next of these ends of a request was seen. */
function okAfter(...endings: readonly string[]): Promise<RawBackend> {
  return backendFor(async (connection) => {
    let from = 0;
    for (const ending of endings) {
      const bytes = await connection.until((received) => received.indexOf(ending, from, "latin1") !== -1);
      from = bytes.indexOf(ending, from, "latin1") + ending.length;
      await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
}

function answers(client: RawPeer, count: number): Promise<Buffer> {
  return client.until((bytes) => bytes.toString("latin1").split("\r\n\r\nok").length > count);
}

const SMUGGLED = "GET /admin HTTP/1.1\r\nHost: a.example\r\n\r\n";
const CHUNKED = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;

describe("a body never becomes a request", () => {
  it.each(["DELETE", "OPTIONS", "GET", "POST"])(
    "keeps a chunked %s chunked, byte for byte, on a connection that is then used again",
    async (method) => {
      const backend = await okAfter("\r\n0\r\n\r\n", "\r\n\r\n");
      const serving = await serveForwarder([backend.port]);
      const client = await serving.connect();
      await client.send(`${method} /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKED}`);
      await answers(client, 1);
      await client.send("GET /next HTTP/1.1\r\nHost: a.example\r\n\r\n");
      await answers(client, 2);
      expect(backend.connections).toHaveLength(1);
      expect(essence((await backend.connection(0)).text())).toBe(
        `${method} /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n${CHUNKED}` +
          "GET /next HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n",
      );
    },
  );

  it.each(["DELETE", "OPTIONS", "GET", "PUT"])("keeps the length of a %s with a body", async (method) => {
    const backend = await okAfter(SMUGGLED);
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    const length = `Content-Length: ${SMUGGLED.length}`;
    await client.send(`${method} /a HTTP/1.1\r\nHost: a.example\r\n${length}\r\n\r\n${SMUGGLED}`);
    await answers(client, 1);
    expect(essence((await backend.connection(0)).text())).toBe(
      `${method} /a HTTP/1.1\r\nHost: a.example\r\n${length}\r\nConnection: keep-alive\r\n\r\n${SMUGGLED}`,
    );
  });
});

describe("a request that two readers could read differently", () => {
  const corpus: readonly (readonly [name: string, head: string, body?: string])[] = [
    ["both Content-Length and Transfer-Encoding", "Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\n"],
    ["both, in the other order", "Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\n"],
    ["two lengths", "Content-Length: 4\r\nContent-Length: 5", "abcde"],
    ["two equal lengths", "Content-Length: 4\r\nContent-Length: 4", "abcd"],
    ["a list of lengths", "Content-Length: 4, 4", "abcd"],
    ["a signed length", "Content-Length: +4", "abcd"],
    ["a hexadecimal length", "Content-Length: 0x4", "abcd"],
    ["an empty length", "Content-Length: ", ""],
    ["a coding in front of chunked", "Transfer-Encoding: gzip, chunked", "0\r\n\r\n"],
    ["a coding behind chunked", "Transfer-Encoding: chunked, gzip", "0\r\n\r\n"],
    ["identity", "Transfer-Encoding: identity", ""],
    ["chunked twice", "Transfer-Encoding: chunked, chunked", "0\r\n\r\n"],
    ["chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"],
    ["chunked with a prefix", "Transfer-Encoding: xchunked", "0\r\n\r\n"],
    ["chunked with a quote", 'Transfer-Encoding: "chunked"', "0\r\n\r\n"],
    ["chunked with a vertical tab", "Transfer-Encoding: \u000bchunked", "0\r\n\r\n"],
    ["a space before the colon", "Transfer-Encoding : chunked", "0\r\n\r\n"],
    ["a folded line", "X-A: b\r\n Transfer-Encoding: chunked", "0\r\n\r\n"],
    ["a folded coding", "Transfer-Encoding:\r\n chunked", "0\r\n\r\n"],
    ["a NUL in a value", "X-A: b\u0000c"],
    ["a NUL in a name", "X-\u0000A: b"],
    ["a bare CR", "X-A: b\rTransfer-Encoding: chunked", "0\r\n\r\n"],
    ["a bare LF", "X-A: b\nTransfer-Encoding: chunked", "0\r\n\r\n"],
    ["a second Host", "Host: b.example"],
    ["a field without a name", ": b"],
    ["a field without a colon", "Transfer-Encoding"],
    ["a chunk size with a sign", "Transfer-Encoding: chunked", "+1\r\na\r\n0\r\n\r\n"],
    ["a chunk size with 0x", "Transfer-Encoding: chunked", "0x1\r\na\r\n0\r\n\r\n"],
    ["a chunk that is longer than it says", "Transfer-Encoding: chunked", "1\r\nab\r\n0\r\n\r\n"],
    ["a chunk line ended by a bare LF", "Transfer-Encoding: chunked", "1\na\r\n0\r\n\r\n"],
    ["a chunk size that overflows", "Transfer-Encoding: chunked", "ffffffffffffffffff\r\na\r\n0\r\n\r\n"],
  ];

  it.each(corpus)("with %s is refused, and its connection closed", async (_name, head, body = "") => {
    const backend = await backendFor();
    const serving = await serveForwarder([backend.port], { settings: { lingerMs: 10 } });
    const client = await serving.connect();
    const next = "GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n";
    await client.send(`POST /a HTTP/1.1\r\nHost: a.example\r\n${head}\r\n\r\n${body}${next}`);
    await client.ended;
    expect(client.text()).toMatch(/^HTTP\/1\.1 400 /);
    expect(client.text().match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(backend.connections.map((each) => each.text()).join("")).not.toContain("smuggled");
    const refused = serving.reports.map((report) => (report.outcome === "refused" ? report.failure : report.outcome));
    // A request behind it that could still be told apart is given up with the connection.
    const failures = [...refused, ...serving.rejections].filter((failure) => failure !== "ClientGone");
    expect(failures).toEqual(["BadRequest"]);
  });

  it("with Transfer-Encoding on HTTP/1.0 is refused", async () => {
    const backend = await backendFor();
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("POST /a HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    await client.ended;
    expect(client.text()).toMatch(/^HTTP\/1\.1 400 /);
    expect(backend.connections).toHaveLength(0);
  });

  it("without a version, which Node takes for HTTP/0.9, is refused", async () => {
    const backend = await backendFor();
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send("GET /a\r\nHost: a.example\r\n\r\n");
    await client.ended;
    expect(client.text()).toMatch(/^HTTP\/1\.1 400 /);
    expect(backend.connections).toHaveLength(0);
  });

  it("gives up what was sent behind it, also when an answer before it was awaited", async () => {
    const backend = await okAfter("\r\n\r\n");
    const serving = await serveForwarder([backend.port]);
    const client = await serving.connect();
    await client.send(
      "GET /first HTTP/1.1\r\nHost: a.example\r\n\r\nGET /a@b HTTP/1.1\r\nHost: a@b\r\n\r\n" +
        "GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n",
    );
    await client.ended;
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 [^]*HTTP\/1\.1 400 /);
    expect(client.text().match(/HTTP\/1\.1 /g)).toHaveLength(2);
    expect(await serving.report(2)).toMatchObject({ failure: "ClientGone" });
    expect(backend.connections.map((each) => each.text()).join("")).not.toContain("smuggled");
  });
});
