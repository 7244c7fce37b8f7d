import { afterEach, describe, expect, test } from "vitest";
import { createAdminServer } from "../../src/admin/admin-server.ts";
import type { Health } from "../../src/admin/health.ts";
import type { Log } from "../../src/base/ports.ts";
import type { Exposition } from "../../src/observe/exposition.ts";
import { resolveLimits } from "../../src/overload/limits.ts";

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const READY: Health = {
  phase: "ready",
  uptimeMs: 61_234,
  connections: { open: 3, closing: 1, handshaking: 2, total: 40 },
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
        { readText: () => null },
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

const METRICS: Exposition = { contentType: "text/plain; version=0.0.4", write: async () => "up 1\n" };

async function serve(health: Health, port = 0, metrics = METRICS): Promise<string> {
  const server = createAdminServer({ host: "127.0.0.1", port, health: () => health, metrics, log: silent });
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
    expect(response.headers.get("content-type")).toBe(METRICS.contentType);
    expect([response.status, await response.text()]).toEqual([200, "up 1\n"]);
    const head = await fetch(`${base}/metrics`, { method: "HEAD" });
    expect([head.headers.get("content-length"), await head.text()]).toEqual(["5", ""]);
    const broken = { ...METRICS, write: () => Promise.reject(new Error("no figures")) };
    const failing = await serve(READY, 0, broken);
    await expect(fetch(`${failing}/metrics`)).rejects.toThrow("fetch failed");
    expect((await fetch(`${failing}/livez`)).status).toBe(200);
  });

  test("has no other page, and takes no other method", async () => {
    const base = await serve(READY);
    expect((await fetch(`${base}/debug/table`)).status).toBe(404);
    expect((await fetch(`${base}/constructor`)).status).toBe(404);
    const posted = await fetch(`${base}/livez`, { method: "POST", body: "x" });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await (await fetch(`${base}/livez`, { method: "HEAD" })).text()).toBe("");
  });

  test("says so when its port is taken", async () => {
    const base = await serve(READY);
    const port = Number(new URL(base).port);
    await expect(serve(READY, port)).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: the port is in use`);
  });
});
