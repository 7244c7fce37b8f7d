import { BlockList, isIP, isIPv4 } from "node:net";

/** Tells whether an address may speak for others through X-Forwarded-* and its like. */
export type TrustedProxies = (address: string) => boolean;

/** Trusts nobody. */
export const trustNobody: TrustedProxies = () => false;

/**
 * A set of CIDRs and single addresses of both families, in which an IPv4-mapped IPv6 address equals its IPv4 address.
 * Throws a RangeError that names the first unreadable entry.
 */
export function createTrustedProxies(cidrs: readonly string[]): TrustedProxies {
  if (cidrs.length === 0) return trustNobody;
  const list = new BlockList();
  for (const cidr of cidrs) addCidr(list, cidr);
  return (address) => {
    const plain = normaliseAddress(address);
    return plain !== null && list.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
  };
}

/** The one spelling of an IP address: IPv4-mapped ones as IPv4, no zone, lower case; null if it is not an address. */
export function normaliseAddress(written: string): string | null {
  if (isIPv4(written)) return written;
  const unscoped = written.replace(/%.*$/, "");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(unscoped)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  switch (isIP(unscoped)) {
    case 4:
      return unscoped;
    case 6:
      return normaliseIpv6(unscoped);
    default:
      return null;
  }
}

function normaliseIpv6(written: string): string {
  const compressed = new URL(`http://[${written}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed) ?? [];
  if (high === undefined || low === undefined) return compressed;
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join(".");
}

function addCidr(list: BlockList, cidr: string): void {
  const parts = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(cidr.trim());
  const address = parts?.[1] ?? "";
  const plain = normaliseAddress(address);
  if (plain === null) throw new RangeError(`not an address or CIDR: ${cidr}`);
  const [family, width] = isIPv4(plain) ? (["ipv4", 32] as const) : (["ipv6", 128] as const);
  // The prefix of a mapped network such as ::ffff:10.0.0.0/104 counts from the front of the IPv6 form.
  const written = address.includes(":") ? 128 : 32;
  const prefix = Number(parts?.[2] ?? written) - (written - width);
  if (prefix < 0 || prefix > width) throw new RangeError(`not an address or CIDR: ${cidr}`);
  list.addSubnet(plain, prefix, family);
}
