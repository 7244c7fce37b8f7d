import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** An endpoint's address in canonical form, or what kind of address it is that nobody may be sent to. */
export type ReadAddress =
  | { readonly ok: true; readonly address: string; readonly family: "IPv4" | "IPv6" }
  | { readonly ok: false; readonly fault: string };

/** The ranges of addresses that a pod can have (GHSA-5ph6-qq5x-7jwc, CVE-2021-25740): never this host's, never the metadata service's. */
const USABLE_RANGES: ReadonlySet<string> = new Set([
  "unicast",
  "private",
  "uniqueLocal",
  "carrierGradeNat",
  "benchmarking",
  "reserved",
]);

/** IPv6 addresses that only spell an IPv4 address (RFC 4291 2.5.5.1). */
const IPV4_COMPATIBLE: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("::"), 96];

/** Reads an IP address that connections may go to. Loopback counts as usable only if `allowLoopback`. */
export function readAddress(written: string, allowLoopback: boolean): ReadAddress {
  const text = written.slice(0, 64);
  if (isIP(text) === 0 || text.includes("%")) return { ok: false, fault: "is not an IP address" };
  const parsed = ipaddr.process(text);
  const range = rangeOf(parsed);
  if (!USABLE_RANGES.has(range) && !(allowLoopback && range === "loopback")) {
    return { ok: false, fault: `is ${rangeText(range)}, and no endpoint may be` };
  }
  return { ok: true, address: parsed.toString(), family: parsed.kind() === "ipv4" ? "IPv4" : "IPv6" };
}

function rangeOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  const range = address.range();
  const isCompatible = range === "unicast" && address.kind() === "ipv6" && address.match(IPV4_COMPATIBLE);
  return isCompatible ? "ipv4Compatible" : range;
}

function rangeText(range: string): string {
  return range.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}
