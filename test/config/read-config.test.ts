import { describe, expect, test } from "vitest";
import { SERVE_FLAGS } from "../../src/config/flags.ts";
import { type Config, readConfig } from "../../src/config/read-config.ts";
import { sentinel } from "../harness/sentinels.ts";

function configOf(texts: Record<string, string | string[] | boolean>): Config {
  const result = readConfig(texts, false);
  if (!result.ok) throw new Error(result.errors.join("\n"));
  return result.config;
}

describe("the configuration", () => {
  test("without a flag is the defaults that the flags' table names", () => {
    expect(configOf({})).toEqual({
      manifests: null,
      kubeconfig: null,
      context: null,
      watchNamespaces: [],
      secretAccess: "get",
      httpAddresses: [{ host: "::", port: 8080 }],
      httpsAddresses: [{ host: "::", port: 8443 }],
      publicHttpsPort: 443,
      adminAddress: { host: "127.0.0.1", port: 9090 },
      adminTokenFile: null,
      ingressClasses: ["fairlead"],
      controllerName: "fairlead.dev/ingress-controller",
      defaultCertificate: null,
      tlsMinVersion: "TLSv1.2",
      tlsCiphers: null,
      tlsTicketKeys: null,
      trustedProxies: [],
      maxHeaderBytes: 16_384,
      maxConnections: "auto",
      maxConnectionsPerClient: 0,
      maxHandshakesPerSecond: 2_000,
      maxPendingRequests: "auto",
      maxTlsHandshakes: "auto",
      propagationDelayMs: 5_000,
      gracePeriodMs: 90_000,
      debugResponses: false,
      log: { format: "json", level: "info" },
      accessLog: "all",
      tracing: null,
    });
  });

  test("takes each flag", () => {
    const config = configOf({
      manifests: "/etc/fairlead",
      httpAddress: ["127.0.0.1:1", "[::1]:2"],
      httpsAddress: [":3"],
      adminAddress: "[::1]:4",
      ingressClass: ["a", "b"],
      controllerName: "example.com/edge",
      defaultCertificate: "edge/tls",
      tlsMinVersion: "1.3",
      tlsCiphers: "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305",
      tlsTicketKeys: "edge/tickets",
      trustedProxies: ["10.0.0.0/8", "::1"],
      maxHeaderBytes: "65536",
      maxConnections: "100",
      maxConnectionsPerClient: "10",
      maxHandshakesPerSecond: "0",
      maxPendingRequests: "auto",
      maxTlsHandshakes: "20",
      propagationDelay: "0s",
      gracePeriod: "1m",
      debugResponses: true,
      logFormat: "pretty",
      logLevel: "debug",
      accessLog: "refused",
      tracingEndpoint: "https://collector.example:4318/",
      tracingSampleRatio: "0.25",
    });
    expect(config).toMatchObject({
      httpAddresses: [
        { host: "127.0.0.1", port: 1 },
        { host: "::1", port: 2 },
      ],
      ingressClasses: ["a", "b"],
      tlsMinVersion: "TLSv1.3",
      tlsCiphers: ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"],
      tlsTicketKeys: { namespace: "edge", name: "tickets" },
      trustedProxies: ["10.0.0.0/8", "::1/128"],
      maxConnections: 100,
      maxConnectionsPerClient: 10,
      maxHandshakesPerSecond: 0,
      maxPendingRequests: "auto",
      maxTlsHandshakes: 20,
      propagationDelayMs: 0,
      gracePeriodMs: 60_000,
      debugResponses: true,
      log: { format: "pretty", level: "debug" },
      accessLog: "refused",
      tracing: { url: "https://collector.example:4318/v1/traces", sampleRatio: 0.25 },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test("writes for a person on a terminal unless told otherwise", () => {
    expect(readConfig({}, true)).toMatchObject({ config: { log: { format: "pretty" } } });
    expect(readConfig({ logFormat: "json" }, true)).toMatchObject({ config: { log: { format: "json" } } });
  });

  test("names every mistake at once, with the flag, the value and what was expected", () => {
    const result = readConfig(
      { httpAddress: ["nonsense"], maxHeaderBytes: "7", logLevel: "loud", gracePeriod: "soon" },
      false,
    );
    expect(result).toEqual({
      ok: false,
      errors: [
        '--http-address "nonsense": expected HOST:PORT, such as 127.0.0.1:8080, [::1]:8080, localhost:8080 or :8080 for every address',
        '--max-header-bytes "7": expected a whole number from 1024 to 1048576',
        '--grace-period "soon": expected a duration such as 10s or 1h30m',
        '--log-level "loud": expected one of debug, info, warn, error',
      ],
    });
  });

  test("repeats no password that was written into a URL", () => {
    const tracingEndpoint = `http://user:${sentinel("password")}@collector:4318/?key=${sentinel("key")}`;
    const result = readConfig({ tracingEndpoint }, false);
    expect(result).toEqual({
      ok: false,
      errors: [
        expect.stringMatching(
          /^--tracing-endpoint "http:\/\/\[secret\]@collector:4318\/\?\[secret\]": expected .* without credentials/,
        ),
      ],
    });
  });

  test.each([
    (password: string) => `http://user:a/${password}@collector:4318`,
    (password: string) => `http://user:a?${password}@collector:4318`,
    (password: string) => `user:${password}@collector:4318`,
    (password: string) => `collector:4318?key=${password}`,
  ])("nor one that makes it no URL: %s", (write) => {
    const result = readConfig({ tracingEndpoint: write(sentinel("password")) }, false);
    expect(result).toEqual({ ok: false, errors: [expect.stringContaining("[secret]")] });
    expect(JSON.stringify(result)).not.toContain(sentinel("password"));
  });

  test("repeats no more of a long value than is needed to know it again", () => {
    const result = readConfig({ maxConnections: "9".repeat(100_000) }, false);
    const errors = [`--max-connections "${"9".repeat(200)}...": expected a whole number from 1 to 1000000, or auto`];
    expect(result).toEqual({ ok: false, errors });
  });

  test("refuses a grace period that ends before the drain can begin", () => {
    const result = readConfig({ gracePeriod: "6s", propagationDelay: "5s" }, false);
    expect(result).toEqual({
      ok: false,
      errors: [expect.stringContaining("--grace-period 6000ms: expected at least")],
    });
  });

  test.each(["AES128-SHA", "ECDHE-RSA-AES128-SHA256", "ALL", "!aNULL", ""])("refuses the cipher %j", (tlsCiphers) => {
    expect(readConfig({ tlsCiphers }, false)).toMatchObject({ ok: false });
  });
});

test("every flag has a key of its own and a sentence", () => {
  const keys = SERVE_FLAGS.map((flag) => flag.key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const flag of SERVE_FLAGS) expect(flag.meaning).toMatch(/^[A-Z].*\.$/);
});
