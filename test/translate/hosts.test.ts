import { describe, expect, it } from "vitest";
import type { HostPattern } from "../../src/table/routing-table.ts";
import { compareHosts, coversHost, hostKey, readHost } from "../../src/translate/hosts.ts";

const exact = (name: string): HostPattern => ({ type: "exact", name });
const one = (suffix: string): HostPattern => ({ type: "one-label", suffix });
const many = (suffix: string): HostPattern => ({ type: "many-labels", suffix });
const any: HostPattern = { type: "any" };

describe("coversHost", () => {
  it.each<[HostPattern, HostPattern, boolean]>([
    [any, exact("a.b"), true],
    [exact("a.b"), any, false],
    [exact("a.b"), exact("a.b"), true],
    [exact("a.b"), exact("x.a.b"), false],
    [one("b"), exact("a.b"), true],
    [one("b"), exact("x.a.b"), false],
    [one("b"), exact("b"), false],
    [one("b"), many("b"), false],
    [many("b"), one("b"), true],
    [many("b"), exact("x.a.b"), true],
    [many("b"), exact("xb"), false],
    [many("b"), many("a.b"), true],
    [many("a.b"), many("b"), false],
    [many("b"), one("ab"), false],
  ])("%j covers %j: %s", (outer, inner, covers) => {
    expect(coversHost(outer, inner)).toBe(covers);
  });
});

describe("readHost", () => {
  it.each(["a", "a-b.example.com", "xn--caf-dma.example", `${"a".repeat(63)}.b`])("reads %s", (host) => {
    expect(readHost(host, "one-label")).toEqual(exact(host));
  });

  it.each([
    "",
    ".",
    "a.",
    ".a",
    "-a",
    "a-",
    "a_b",
    "*",
    "*.",
    "a.*.b",
    "1.2.3.4",
    "a.1",
    "[::1]",
    "a b",
    "é",
    `${"a".repeat(64)}.b`,
    `a.${"b.".repeat(130)}c`,
  ])("refuses %j", (host) => {
    expect(readHost(host, "many-labels")).toBeNull();
  });

  it("keeps the kinds of wildcard apart", () => {
    expect([readHost("*.a", "one-label"), readHost("*.a", "many-labels")]).toEqual([one("a"), many("a")]);
    expect(hostKey(one("a"))).not.toBe(hostKey(many("a")));
  });
});

it("orders exact names, then wildcards from the longest suffix, the one-label form first, then every host", () => {
  const sorted = [exact("a.b"), exact("b"), one("longer.b"), one("b"), many("b"), any];
  expect(sorted.toReversed().toSorted(compareHosts)).toEqual(sorted);
});
