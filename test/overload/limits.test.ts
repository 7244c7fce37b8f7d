import { describe, expect, test } from "vitest";
import type { Machine } from "../../src/base/machine.ts";
import { planDescriptors } from "../../src/overload/descriptors.ts";
import { doubtLimits, resolveLimits, type WrittenLimits } from "../../src/overload/limits.ts";

const DEFAULTS: WrittenLimits = {
  maxConnections: "auto",
  maxConnectionsPerClient: 0,
  maxHandshakesPerSecond: 2_000,
  maxPendingRequests: "auto",
  maxTlsHandshakes: "auto",
};

const MACHINE: Machine = {
  readText: () => null,
  heap: () => ({ usedBytes: 1, limitBytes: 2 }),
  residentBytes: () => 1,
  totalBytes: 64 * 1024 ** 3,
};

/** A machine on which a process may have so many files open. */
function machineWith(descriptors: number | string): Machine {
  const lines = [
    "Limit                     Soft Limit           Hard Limit           Units     ",
    "Max processes             96000                96000                processes ",
    `Max open files            ${String(descriptors).padEnd(20)} 1048576              files     `,
  ];
  return {
    ...MACHINE,
    readText: (path) => (path === "/proc/self/limits" ? `${lines.join("\n")}\n` : null),
  };
}

describe("the plan of descriptors", () => {
  test.each([256, 512, 1_024, 20_000, 65_536, 1_048_576, "unlimited"])(
    "for %s never promises more than there are",
    (descriptors) => {
      const { limit, reserved, clients, webSockets } = planDescriptors(machineWith(descriptors));
      if (limit === null) throw new Error("no limit was read");
      expect(limit).toBe(descriptors === "unlimited" ? 1_048_576 : descriptors);
      expect(2 * clients + reserved).toBeLessThanOrEqual(limit);
      expect(webSockets).toBeLessThan(clients);
      expect(webSockets).toBeGreaterThan(0);
    },
  );

  test("keeps back a quarter of few, and no more than 1024 of many", () => {
    expect(planDescriptors(machineWith(512))).toEqual({ limit: 512, reserved: 128, clients: 192, webSockets: 176 });
    expect(planDescriptors(machineWith(20_000))).toEqual({
      limit: 20_000,
      reserved: 1_024,
      clients: 9_488,
      webSockets: 9_232,
    });
  });

  test.each([null, "", "Max open files", "Max open files  many  many files"])("survives %j for limits", (text) => {
    expect(planDescriptors({ readText: () => text })).toMatchObject({ limit: null });
  });
});

describe("limits", () => {
  test("that were not told come from the descriptors", () => {
    expect(resolveLimits(DEFAULTS, machineWith(20_000))).toMatchObject({
      webSockets: 9_232,
      clients: 9_488,
      perClient: 0,
      silentPerClient: 1_186,
      tlsHandshakes: 4_744,
      pending: 4_744,
      pendingPerRoute: 2_372,
      handshakesPerSecond: 2_000,
      queuedBytes: 8 * 1024 ** 3,
    });
  });

  test("that were not told leave room in memory for everybody to stop reading at once", () => {
    const machine = { ...machineWith(20_000), totalBytes: 256 * 1024 ** 2 };
    const { webSockets, queuedBytes } = resolveLimits(DEFAULTS, machine);
    expect(webSockets).toBe(1_881);
    expect(queuedBytes).toBe(32 * 1024 ** 2);
    expect(resolveLimits({ ...DEFAULTS, maxConnections: 5_000 }, machine).webSockets).toBe(5_000);
    expect(resolveLimits(DEFAULTS, { ...machine, totalBytes: 1 }).webSockets).toBe(64);
  });

  test("that were told are obeyed, and no single client or route has all of any", () => {
    const written = { ...DEFAULTS, maxConnections: 10, maxPendingRequests: 1, maxTlsHandshakes: 3 };
    const limits = resolveLimits(written, machineWith(64));
    expect(limits).toMatchObject({ webSockets: 10, pending: 1, pendingPerRoute: 1, tlsHandshakes: 3 });
    expect(limits.silentPerClient).toBeLessThanOrEqual(Math.ceil(limits.clients / 2));
  });

  test("that the descriptors do not allow are doubted, with what to do", () => {
    const limits = resolveLimits({ ...DEFAULTS, maxConnections: 5_000 }, machineWith(1_024));
    expect(doubtLimits(limits)).toBe(
      "--max-connections 5000 will not be reached: this process has 1024 file descriptors, enough for 368 WebSockets; raise its limit (ulimit -n, LimitNOFILE)",
    );
    expect(doubtLimits(resolveLimits(DEFAULTS, machineWith(1_024)))).toBeNull();
  });
});
