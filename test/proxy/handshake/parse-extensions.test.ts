import { describe, expect, it } from "vitest";
import { parseExtensions } from "../../../src/proxy/handshake/parse-extensions.ts";

describe("parseExtensions", () => {
  it.each<[readonly string[], readonly string[]]>([
    [[], []],
    [[""], []],
    [["permessage-deflate"], ["permessage-deflate"]],
    [["Permessage-Deflate ; client_max_window_bits ;a = b"], ["permessage-deflate"]],
    [["a, b;x=1,,c"], ["a", "b", "c"]],
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [['a; x="to\\ken"; y="z", b'], ["a", "b"]],
  ])("finds in %j the names %j", (values, names) => {
    expect(parseExtensions(values)).toEqual(names);
  });

  it.each([
    "a b",
    ";x",
    "a;",
    "a; =1",
    "a; x=",
    'a; x="',
    'a; x="y',
    'a; x="y,z"',
    'a; x=""',
    "a; x=y z",
    "a/b",
    '"a"',
  ])("takes %j for malformed", (value) => {
    expect(parseExtensions([value])).toBeNull();
  });
});
