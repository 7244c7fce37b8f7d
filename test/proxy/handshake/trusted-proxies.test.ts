import { describe, expect, it } from "vitest";
import { createTrustedProxies, normaliseAddress } from "../../../src/proxy/handshake/trusted-proxies.ts";

describe("createTrustedProxies", () => {
  const trusted = createTrustedProxies(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "::ffff:198.51.100.0/120"]);

  it.each([
    "10.1.2.3",
    "::ffff:10.1.2.3",
    "::FFFF:a01:203",
    "192.0.2.7",
    "2001:db8::1",
    "2001:DB8:0:0::2",
    "198.51.100.9",
  ])("trusts %s", (address) => {
    expect(trusted(address)).toBe(true);
  });

  it.each([
    "11.0.0.1",
    "192.0.2.8",
    "2001:db9::1",
    "::ffff:192.0.2.8",
    "198.51.101.1",
    "::1",
    "",
    "10.0.0.1x",
    "010.0.0.1",
  ])("does not trust %j", (address) => {
    expect(trusted(address)).toBe(false);
  });

  it("trusts nobody when nothing is listed, and everybody when everything is", () => {
    expect(createTrustedProxies([])("127.0.0.1")).toBe(false);
    expect(createTrustedProxies(["0.0.0.0/0", "::/0"])("2001:db8::1")).toBe(true);
  });

  it.each(["10.0.0.0/33", "::1/129", "10.0.0", "a.example", "10.0.0.0/x", "", "fe80::1%eth0", "::ffff:10.0.0.0/95"])(
    "refuses %j with its text",
    (cidr) => {
      expect(() => createTrustedProxies(["10.0.0.0/8", cidr])).toThrowError(
        new RangeError(`not an address or CIDR: ${cidr}`),
      );
    },
  );
});

describe("normaliseAddress", () => {
  it.each([
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["192.0.2.1", "192.0.2.1"],
  ])("spells %s as %s", (written, plain) => {
    expect(normaliseAddress(written)).toBe(plain);
  });

  it.each(["", "a.example", "192.0.2", "192.0.2.256", "::ffff:192.0.2.256", "[::1]"])(
    "takes %j for no address",
    (written) => {
      expect(normaliseAddress(written)).toBeNull();
    },
  );
});
