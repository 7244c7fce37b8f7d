import { describe, expect, it } from "vitest";
import { finish } from "../../../src/base/work.ts";
import { createBackendAgents } from "../../../src/proxy/http/backend-agents.ts";
import type { BackendTls } from "../../../src/table/routing-table.ts";
import { endpointTable } from "../../harness/build-table.ts";

const LIMITS = { maxSockets: 4, maxIdleSockets: 2, idleMs: 1_000 };

function tls(changes: Partial<BackendTls> = {}): BackendTls {
  return { serverName: "svc.example", verify: true, ca: null, ...changes };
}

describe("agents", () => {
  it("are one for each endpoint and equal TLS settings, whatever objects carry them", () => {
    const agents = createBackendAgents(LIMITS);
    const of = (port: number, settings: BackendTls | null) =>
      agents.of({ address: "127.0.0.1", port, tls: settings }).pooled;
    expect(of(1, tls())).toBe(of(1, tls()));
    expect(of(1, null)).toBe(of(1, null));
    const distinct = [
      of(1, null),
      of(2, null),
      of(1, tls()),
      of(1, tls({ verify: false })),
      of(1, tls({ serverName: "other.example" })),
      of(1, tls({ ca: "PEM" })),
    ];
    expect(new Set(distinct).size).toBe(distinct.length);
  });

  it("bound what they keep, and a fresh one keeps nothing", () => {
    const { pooled, fresh } = createBackendAgents(LIMITS).of({ address: "::1", port: 1, tls: null });
    expect(pooled).toMatchObject({ maxSockets: 4, maxFreeSockets: 2, keepAlive: true });
    expect(fresh).toMatchObject({ keepAlive: false });
  });

  it("are forgotten with their endpoint, and kept with it", () => {
    const agents = createBackendAgents(LIMITS);
    const origin = { address: "127.0.0.1", port: 1, tls: null };
    const { pooled } = agents.of(origin);
    finish(agents.retain(endpointTable({ "test/web:80": [1, 2] })));
    expect(agents.of(origin).pooled).toBe(pooled);
    finish(agents.retain(endpointTable({ "test/web:80": [2] })));
    expect(agents.of(origin).pooled).not.toBe(pooled);
    expect(pooled.maxFreeSockets).toBe(0);
  });

  it("do not pile up while an endpoint's roots are rotated", () => {
    const agents = createBackendAgents(LIMITS);
    const made = Array.from({ length: 20 }, (_, index) => {
      return agents.of({ address: "127.0.0.1", port: 1, tls: tls({ ca: `PEM ${index}` }) }).pooled;
    });
    expect(made.filter((agent) => agent.maxFreeSockets > 0)).toHaveLength(8);
    expect(agents.of({ address: "127.0.0.1", port: 1, tls: tls({ ca: "PEM 19" }) }).pooled).toBe(made[19]);
  });
});
