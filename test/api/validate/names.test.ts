import { describe, expect, it } from "vitest";
import {
  dataKey,
  dnsLabel,
  dnsSubdomain,
  labelValue,
  type NameCheck,
  portName,
  portNumber,
  qualifiedName,
  wildcardSubdomain,
} from "../../../src/api/validate/names.ts";

const long = "a".repeat(64);
const table: [string, NameCheck, string[], string[]][] = [
  ["dnsLabel", dnsLabel, ["a", "a-1", "0", "a".repeat(63)], ["", "-a", "a-", "A", "a.b", "a_b", long, "ä"]],
  [
    "dnsSubdomain",
    dnsSubdomain,
    ["a", "a.b", "0.example", `${"a".repeat(63)}.b`],
    ["", "a..b", ".a", "a.", "A.b", "*.a", "a b", "a".repeat(254)],
  ],
  [
    "wildcardSubdomain",
    wildcardSubdomain,
    ["*.a", "*.a.b"],
    ["*", "*.", "a.*", "*a.b", "*.*.a", "*.A", `*.${"a".repeat(253)}`],
  ],
  [
    "qualifiedName",
    qualifiedName,
    ["a", "A_b.c-d", "example.com/a"],
    ["", "/a", "a/", "Example.com/a", "a/b/c", "-a", `a/${long}`],
  ],
  ["labelValue", labelValue, ["", "a", "A_b.c-d"], ["-a", "a b", long]],
  ["portName", portName, ["http", "a-1", "ws-8080"], ["", "80", "HTTP", "a--b", "-a", "a-", "a-name-of-16-xxx"]],
  ["dataKey", dataKey, ["tls.crt", "_a", "...".slice(2) + "a"], ["", ".", "..", "..a", "a/b", "a".repeat(254)]],
];

describe.each(table)("%s", (_, check, good, bad) => {
  it.each(good)("accepts %j", (text) => {
    expect(check(text)).toBeNull();
  });
  it.each(bad)("refuses %j", (text) => {
    expect(check(text)).toMatch(/must/u);
  });
});

it("a port is an integer from 1 to 65535", () => {
  expect([1, 80, 65_535].map(portNumber)).toEqual([null, null, null]);
  for (const port of [0, -1, 65_536, 1.5, Number.NaN]) expect(portNumber(port)).toContain("between 1 and 65535");
});
