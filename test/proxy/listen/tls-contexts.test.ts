import { beforeAll, describe, expect, test } from "vitest";
import { createTlsContexts } from "../../../src/proxy/listen/tls-contexts.ts";
import { DEFAULT_CIPHERS } from "../../../src/proxy/listen/tls-servers.ts";
import { certificateTable, hostTls, type MadeCertificate, makeCertificate } from "../../harness/make-certificate.ts";

let certificates: readonly MadeCertificate[];
beforeAll(async () => {
  certificates = await Promise.all(["a", "b", "c"].map((name) => makeCertificate(name)));
});

const hosts = () => certificates.map((certificate, at) => hostTls(`host-${at}`, certificate));

describe("contexts", () => {
  test("are built once for hosts with the same certificate", () => {
    const contexts = createTlsContexts(10, DEFAULT_CIPHERS);
    const table = certificateTable(certificates, []);
    const [first, second] = hosts();
    const again = { ...first!, host: { type: "any" } as const };
    expect(contexts.get(table, again)).toBe(contexts.get(table, first!));
    expect(contexts.get(table, second!)).not.toBe(contexts.get(table, first!));
  });

  test("outlive a swap of tables that names their certificates still, and no other", () => {
    const contexts = createTlsContexts(10, DEFAULT_CIPHERS);
    const [first, second] = hosts();
    const kept = contexts.get(certificateTable(certificates, []), first!);
    contexts.get(certificateTable(certificates, []), second!);
    expect(contexts.get(certificateTable(certificates.slice(0, 1), []), first!)).toBe(kept);
    expect(contexts.size()).toBe(1);
  });

  test("beyond the limit, those unused longest are let go", () => {
    const contexts = createTlsContexts(2, DEFAULT_CIPHERS);
    const table = certificateTable(certificates, []);
    const [first, second, third] = hosts();
    const a = contexts.get(table, first!);
    const b = contexts.get(table, second!);
    expect(contexts.get(table, first!)).toBe(a);
    contexts.get(table, third!);
    expect(contexts.size()).toBe(2);
    expect(contexts.get(table, first!)).toBe(a);
    expect(contexts.get(table, second!)).not.toBe(b);
  });

  test.each([
    ["a certificate that the table lacks", ["no-such"]],
    ["no certificate at all", []],
  ])("are refused for %s", (_title, ids) => {
    const contexts = createTlsContexts(2, DEFAULT_CIPHERS);
    const host = { ...hosts()[0]!, certificates: ids };
    expect(() => contexts.get(certificateTable([], []), host)).toThrow(/certificate/);
    expect(contexts.size()).toBe(0);
  });
});
