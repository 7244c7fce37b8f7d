import { describe, expect, test } from "vitest";
import type { HostTls, TlsVersion } from "../../src/table/certificate-table.ts";
import type { HostPattern } from "../../src/table/routing-table.ts";
import { compileHostTls, findOwnHostTls, mayShareConnection, selectHostTls } from "../../src/table/select-host-tls.ts";

const tls = (host: HostPattern, certificate: string, minVersion: TlsVersion = "TLSv1.2"): HostTls => ({
  host,
  certificates: [certificate],
  minVersion,
});
const exact = (name: string): HostPattern => ({ type: "exact", name });
const HOSTS: readonly HostTls[] = [
  tls({ type: "many-labels", suffix: "example" }, "many"),
  tls({ type: "one-label", suffix: "example" }, "one"),
  tls(exact("a.example"), "a"),
  tls(exact("twin.example"), "a"),
  tls(exact("strict.example"), "a", "TLSv1.3"),
];
const FALLBACK = tls({ type: "any" }, "fallback");
const index = (fallback: HostTls | null = FALLBACK) =>
  compileHostTls({ certificates: new Map(), hosts: HOSTS, fallback, ticketKeys: null });

describe("the certificate of a server name", () => {
  test.each([
    ["a.example", "a"],
    ["b.example", "one"],
    ["c.b.example", "many"],
    ["example", "fallback"],
    ["other", "fallback"],
    [null, "fallback"],
  ])("%s is %s", (name, certificate) => {
    expect(selectHostTls(index(), name)?.certificates).toEqual([certificate]);
  });

  test.each(["other", null])("%s is none without a fallback", (name) => {
    expect(selectHostTls(index(null), name)).toBeNull();
  });

  test("is a host's own only if the host has settings: others are never redirected to https", () => {
    expect(findOwnHostTls(index(), "b.example")).not.toBeNull();
    expect(findOwnHostTls(index(), "other")).toBeNull();
  });
});

describe("one connection for two hosts", () => {
  test.each<[string | null, string, boolean]>([
    ["a.example", "a.example", true],
    ["a.example", "twin.example", true],
    ["a.example", "strict.example", false],
    ["strict.example", "a.example", false],
    ["a.example", "b.example", false],
    ["b.example", "d.example", true],
    ["b.example", "c.b.example", false],
    ["a.example", "other", false],
    ["other", "a.example", false],
    ["other", "another", true],
    [null, "other", true],
    [null, "a.example", false],
  ])("opened for %s, asked for %s: %s", (serverName, host, shared) => {
    expect(mayShareConnection(index(), serverName, host)).toBe(shared);
  });

  test("is never shared by hosts that nothing serves", () => {
    expect(mayShareConnection(index(null), null, "other")).toBe(false);
    expect(mayShareConnection(index(null), "a.example", "other")).toBe(false);
  });

  test("is not shared by hosts with different lists of certificates", () => {
    const hosts = [tls(exact("a"), "1"), { ...tls(exact("b"), "1"), certificates: ["1", "2"] }];
    const mixed = compileHostTls({ certificates: new Map(), hosts, fallback: null, ticketKeys: null });
    expect(mayShareConnection(mixed, "a", "b")).toBe(false);
  });
});
