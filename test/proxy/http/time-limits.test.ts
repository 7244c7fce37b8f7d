import { describe, expect, it } from "vitest";
import { forwardTo } from "../../harness/build-table.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { backendFor, serveForwarder } from "./serve-forwarder.ts";

const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
const TIMEOUTS = { ...forwardTo([]).timeouts, connectMs: 2_000, handshakeMs: 10_000, idleMs: 30_000 };

async function serve(changes: Parameters<typeof serveForwarder>[1] = {}) {
  const clock = createFakeClock();
  const backend = await backendFor();
  const serving = await serveForwarder([backend.port], {
    forward: { timeouts: TIMEOUTS },
    deps: { clock },
    ...changes,
  });
  const client = await serving.connect();
  return { clock, backend, serving, client };
}

describe("the time to the response head", () => {
  it("is bounded by the rule's handshake timeout: 504, and the backend is let go", async () => {
    const { clock, backend, serving, client } = await serve();
    await client.send(GET);
    const connection = await backend.connection(0);
    await connection.until("\r\n\r\n");
    clock.advance(9_999);
    expect(serving.reports).toEqual([]);
    clock.advance(1);
    await client.until("The endpoint did not answer in time.");
    expect(client.text()).toMatch(/^HTTP\/1\.1 504 /);
    expect(await serving.report(0)).toMatchObject({ failure: "HandshakeTimeout", handshakeMs: 10_000 });
    await backend.idle();
  });

  it("does not pass while the client uploads, and goes on afterwards", async () => {
    const { clock, backend, serving, client } = await serve();
    await client.send("POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    const connection = await backend.connection(0);
    await connection.until("1\r\na\r\n");
    clock.advance(29_000);
    await client.send("1\r\nb\r\n");
    await connection.until("1\r\nb\r\n");
    clock.advance(29_000);
    expect(serving.reports).toEqual([]);
    await client.send("0\r\n\r\n");
    await connection.until("\r\n0\r\n\r\n");
    clock.advance(10_000);
    await client.until("HTTP/1.1 504 ");
    expect(serving.reports).toHaveLength(1);
  });

  it("begins anew for a pipelined request when its turn comes", async () => {
    const { clock, backend, serving, client } = await serve();
    const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    await client.send(GET + GET);
    const connection = await backend.connection(0);
    for (const count of [1, 2]) {
      await connection.until((bytes) => bytes.toString().split("\r\n\r\n").length > count);
      clock.advance(9_999);
      await connection.send(answer);
      expect(await serving.report(count - 1)).toMatchObject({ outcome: "answered", status: 200 });
    }
  });

  it("does not bound the body", async () => {
    const { clock, backend, client } = await serve();
    await client.send(GET);
    const connection = await backend.connection(0);
    await connection.until("\r\n\r\n");
    await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
    await client.until("\r\n\r\nha");
    clock.advance(20_000);
    await connection.send("lf");
    expect((await client.until("half")).toString()).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe("a body that stands still", () => {
  it("of a request is answered 408 after the stall time, or the shorter idle time", async () => {
    const limits = [
      { settings: { stallMs: 20_000 }, afterMs: 20_000 },
      { settings: { stallMs: 60_000 }, afterMs: 30_000 },
    ];
    for (const { settings, afterMs } of limits) {
      const { clock, backend, serving, client } = await serve({ settings });
      await client.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nhello");
      await (await backend.connection(0)).until("hello");
      clock.advance(afterMs - 1);
      expect(serving.reports).toEqual([]);
      clock.advance(1);
      await client.until("The request did not arrive in time.");
      expect(serving.reports[0]).toMatchObject({ failure: "RequestTimeout", status: 408 });
      await backend.idle();
    }
  });

  it("of an answer cuts the connection after the idle time", async () => {
    const { clock, backend, serving, client } = await serve();
    await client.send(GET);
    const connection = await backend.connection(0);
    await connection.until("\r\n\r\n");
    await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
    await client.until("\r\n\r\nha");
    clock.advance(30_000);
    await client.ended;
    expect(await serving.report(0)).toMatchObject({ outcome: "answered", complete: false, durationMs: 30_000 });
    await backend.idle();
  });

  it("of an answer waits for ever without an idle time", async () => {
    const { clock, backend, client, serving } = await serve({ forward: { timeouts: { ...TIMEOUTS, idleMs: 0 } } });
    await client.send(GET);
    const connection = await backend.connection(0);
    await connection.until("\r\n\r\n");
    await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
    await client.until("\r\n\r\nha");
    clock.advance(86_400_000);
    await connection.send("lf");
    await client.until("half");
    expect(await serving.report(0)).toMatchObject({ complete: true });
  });
});

describe("Expect: 100-continue", () => {
  const POST = "POST / HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";

  it("is asked of the backend, whose 100 reaches the client before the body is sent", async () => {
    const { backend, serving, client } = await serve();
    await client.send(POST);
    const connection = await backend.connection(0);
    const head = await connection.until("\r\n\r\n");
    expect(head.toString()).toContain("Expect: 100-continue\r\n");
    expect(client.text()).toBe("");
    await connection.send("HTTP/1.1 100 Continue\r\n\r\n");
    await client.until("HTTP/1.1 100 Continue\r\n\r\n");
    await client.send("hello");
    await connection.until("hello");
    await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    await client.until("\r\n\r\nok");
    expect(await serving.report(0)).toMatchObject({ outcome: "answered", status: 200 });
  });

  it("spares the client a body that the backend or we refuse", async () => {
    const { backend, client } = await serve();
    await client.send(POST);
    const connection = await backend.connection(0);
    await connection.until("\r\n\r\n");
    await connection.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
    await client.until("\r\n\r\nno");
    expect(client.text()).not.toContain("100 Continue");

    const refused = await serve({ entries: [] });
    await refused.client.send(POST);
    await refused.client.until("No route matches");
    expect(refused.client.text()).not.toContain("100 Continue");
    expect(refused.backend.connections).toHaveLength(0);
  });

  it("does not hold back a client that sends its body unasked", async () => {
    const { backend, client } = await serve();
    await client.send(`${POST}hello`);
    const connection = await backend.connection(0);
    expect((await connection.until("hello")).toString()).toContain("Expect: 100-continue\r\n");
  });

  it("that nobody answers runs into the handshake timeout", async () => {
    const { clock, backend, serving, client } = await serve();
    await client.send(POST);
    await (await backend.connection(0)).until("\r\n\r\n");
    clock.advance(10_000);
    await client.until("HTTP/1.1 504 ");
    expect(serving.reports[0]).toMatchObject({ failure: "HandshakeTimeout" });
  });

  it("is ignored on HTTP/1.0, which knows no interim answers", async () => {
    const { backend, client } = await serve();
    await client.send("POST / HTTP/1.0\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
    expect((await (await backend.connection(0)).until("hello")).toString()).not.toContain("Expect");
  });
});
