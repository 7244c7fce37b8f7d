import { describe, expect, it } from "vitest";
import { relaySettings } from "../../../src/proxy/handshake/relay-settings.ts";
import { UPGRADE_SETTINGS } from "../../harness/upgrade-proxy.ts";

const timeouts = { connectMs: 1, handshakeMs: 2, idleMs: 3, maxConnectionDurationMs: 1_000_000, closeMs: 5 };
const keepalive = { pingIntervalMs: 7, pongTimeoutMs: 8 };

describe("relaySettings", () => {
  it("joins the process's settings with the rule's", () => {
    expect(relaySettings(UPGRADE_SETTINGS.relay, { timeouts, keepalive }, "deflate", () => 0)).toEqual({
      ...UPGRADE_SETTINGS.relay,
      extensions: "deflate",
      idleMs: 3,
      lifetimeMs: 1_000_000,
      closeMs: 5,
      pingMs: { client: 7, backend: 7 },
      pongMs: 8,
    });
  });

  it("shortens the lifetime by up to a tenth, and leaves an unlimited one unlimited", () => {
    const lifetimeOf = (random: number, maxConnectionDurationMs = 1_000_000): number => {
      const forward = { timeouts: { ...timeouts, maxConnectionDurationMs }, keepalive };
      return relaySettings(UPGRADE_SETTINGS.relay, forward, "none", () => random).lifetimeMs;
    };
    expect(lifetimeOf(0.5)).toBe(950_000);
    expect(lifetimeOf(0.999_999)).toBeGreaterThanOrEqual(900_000);
    expect(lifetimeOf(0.5, 0)).toBe(0);
  });
});
