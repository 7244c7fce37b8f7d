import { afterEach, describe, expect, test } from "vitest";
import { createAdminServer } from "../../src/admin/admin-server.ts";
import type { DebugSources } from "../../src/admin/debug/debug-sources.ts";
import type { Health } from "../../src/admin/health.ts";
import type { Clock, Log } from "../../src/base/ports.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { systemMachine } from "../../src/base/system-machine.ts";
import type { Exposition } from "../../src/observe/exposition.ts";
import { resolveLimits } from "../../src/overload/limits.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { connectRaw } from "../harness/raw-client.ts";

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const READY: Health = {
  phase: "ready",
  uptimeMs: 61_234,
  connections: { open: 3, closing: 1, handshaking: 2, total: 40 },
  kinds: [],
  table: { routes: 5, problems: 1, ageMs: 1_500 },
  overload: {
    limits: {
      ...resolveLimits(
        {
          maxConnections: 100,
          maxConnectionsPerClient: 0,
          maxHandshakesPerSecond: 0,
          maxPendingRequests: 50,
          maxTlsHandshakes: 60,
        },
        systemMachine,
      ),
      clients: 200,
    },
    door: { open: 7, silent: 2, tlsHandshakes: 1, clients: 3 },
    pending: 4,
    memory: { level: "refusing", uses: [{ source: "heap", usedBytes: 90, limitBytes: 100 }] },
  },
};

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** Of the pieces that are given. */
function exposition(pieces: () => AsyncGenerator<string, void>): Exposition {
  return { begin: (format) => ({ contentType: `text/${format}`, pieces, [Symbol.dispose]: () => {} }) };
}

async function* twoPieces(): AsyncGenerator<string, void> {
  yield "up 1\n";
  yield "down 0\n";
}

const METRICS = exposition(twoPieces);

async function serve(health: Health, port = 0, metrics = METRICS, clock: Clock = systemClock): Promise<string> {
  const server = createAdminServer({
    host: "127.0.0.1",
    port,
    health: () => health,
    metrics,
    log: silent,
    clock,
    token: null,
    debug: {} as DebugSources,
  });
  const address = await server.start();
  stops.push(server.stop);
  return `http://127.0.0.1:${address.port}`;
}

describe("the admin server", () => {
  test.each([
    ["starting", 503, "starting\n"],
    ["ready", 200, "ok\n"],
    ["draining", 503, "draining\n"],
  ] as const)("is, while %s, answered %i at /readyz", async (phase, status, body) => {
    const base = await serve({ ...READY, phase });
    const response = await fetch(`${base}/readyz`);
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test("says at /readyz and /healthz what of a cluster cannot be read, ready or not", async () => {
    const kind = { objects: 0, eventAgeMs: null, lists: new Map(), failures: new Map(), missed: 0 };
    const kinds: Health["kinds"] = [
      { ...kind, kind: "Ingress", state: "synced", explanation: null },
      { ...kind, kind: "Service", state: "forbidden", explanation: "RBAC does not permit to read it" },
    ];
    const starting = await serve({ ...READY, phase: "starting", kinds });
    expect(await (await fetch(`${starting}/readyz`)).text()).toBe(
      "starting\nService: RBAC does not permit to read it\n",
    );
    const ready = await fetch(`${await serve({ ...READY, kinds })}/healthz`);
    expect([ready.status, ((await ready.json()) as { cluster: unknown }).cluster]).toEqual([
      200,
      [
        { kind: "Ingress", state: "synced", explanation: null, objects: 0 },
        { kind: "Service", state: "forbidden", explanation: "RBAC does not permit to read it", objects: 0 },
      ],
    ]);
  });

  test("is alive in every phase", async () => {
    const base = await serve({ ...READY, phase: "draining" });
    expect((await fetch(`${base}/livez`)).status).toBe(200);
  });

  test("counts connections at /healthz", async () => {
    const base = await serve(READY);
    const response = await fetch(`${base}/healthz`);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({
      phase: "ready",
      uptimeSeconds: 61.234,
      connections: { open: 3, closing: 1, handshaking: 2, total: 40 },
      cluster: [],
      table: { routes: 5, problems: 1, ageSeconds: 1.5 },
      memory: { level: "refusing", uses: [{ source: "heap", usedBytes: 90, limitBytes: 100 }] },
      limits: {
        webSockets: { used: 3, limit: 100 },
        connections: { used: 7, limit: 200 },
        tlsHandshakes: { used: 1, limit: 60 },
        pendingRequests: { used: 4, limit: 50 },
      },
    });
  });

  test("writes metrics at /metrics, and survives a page that cannot be written", async () => {
    const base = await serve(READY);
    const response = await fetch(`${base}/metrics?x=1`);
    expect(response.headers.get("content-type")).toBe("text/text");
    expect([response.status, await response.text()]).toEqual([200, "up 1\ndown 0\n"]);
    const head = await fetch(`${base}/metrics`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const open = await fetch(`${base}/metrics`, { headers: { Accept: "application/openmetrics-text" } });
    expect([open.headers.get("content-type"), open.headers.get("vary")]).toEqual(["text/openmetrics", "Accept"]);
    const failing = await serve(
      READY,
      0,
      exposition(async function* () {
        yield "up 1\n";
        throw new Error("no figures");
      }),
    );
    // Cut off, so that half a scrape is not taken for a whole one.
    await expect(fetch(`${failing}/metrics`).then((answer) => answer.text())).rejects.toThrow(
      /fetch failed|terminated/u,
    );
    expect((await fetch(`${failing}/livez`)).status).toBe(200);
  });

  test("refuses a scrape when too many are under way", async () => {
    const base = await serve(READY, 0, { begin: () => null });
    const response = await fetch(`${base}/metrics`);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  });

  test("writes no more than a slow reader takes, and cuts it off in the end", async () => {
    const clock = createFakeClock();
    const ended = Promise.withResolvers<void>();
    const piece = "x".repeat(64 * 1024);
    let written = 0;
    let disposed = 0;
    const endless: Exposition = {
      begin: () => ({
        contentType: "text/plain",
        async *pieces() {
          try {
            for (;;) {
              written += piece.length;
              yield piece;
            }
          } finally {
            ended.resolve();
          }
        },
        [Symbol.dispose]: () => void (disposed += 1),
      }),
    };
    const base = await serve(READY, 0, endless, clock);
    const peer = await connectRaw(Number(new URL(base).port));
    peer.socket.pause();
    await peer.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    let before = -1;
    // What the system buffers is taken at once; after that nothing moves.
    await expect
      .poll(
        () => {
          const isStill = written === before && written > 0;
          before = written;
          return isStill;
        },
        { interval: 200, timeout: 15_000 },
      )
      .toBe(true);
    expect(written).toBeLessThan(64 * 2 ** 20);
    expect(disposed).toBe(0);
    clock.advance(60_000);
    await ended.promise;
    await expect.poll(() => disposed, { timeout: 15_000 }).toBe(1);
    peer.reset();
  });

  test("lets go of a scrape whose reader leaves", async () => {
    const left = Promise.withResolvers<void>();
    const base = await serve(
      READY,
      0,
      exposition(async function* () {
        try {
          for (;;) yield "x".repeat(64 * 1024);
        } finally {
          left.resolve();
        }
      }),
    );
    const peer = await connectRaw(Number(new URL(base).port));
    await peer.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    await peer.until((bytes) => bytes.length > 1_000);
    peer.reset();
    await expect(left.promise).resolves.toBeUndefined();
  });

  test("has no other page, and takes no other method", async () => {
    const base = await serve(READY);
    expect((await fetch(`${base}/debug/nothing`)).status).toBe(404);
    expect((await fetch(`${base}/constructor`)).status).toBe(404);
    const posted = await fetch(`${base}/livez`, { method: "POST", body: "x" });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await (await fetch(`${base}/livez`, { method: "HEAD" })).text()).toBe("");
  });

  test.each([
    [`GET /metrics?${"x".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, "431 Request Header Fields Too Large"],
    ["nonsense\r\n\r\n", "400 Bad Request"],
  ])("answers what it cannot read in one sentence: %#", async (bytes, status) => {
    const base = await serve(READY);
    const peer = await connectRaw(Number(new URL(base).port));
    await peer.send(bytes);
    await peer.until((sent) => sent.includes(".\n"), 15_000);
    expect(peer.text()).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n[^]*\r\n\r\nThe [a-z ]+\\.\n$`));
  });

  test("says so when its port is taken", async () => {
    const base = await serve(READY);
    const port = Number(new URL(base).port);
    await expect(serve(READY, port)).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: the port is in use`);
  });
});
