import { compareText } from "../base/compare-text.ts";
import type { HostPattern } from "../table/routing-table.ts";

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/u;
const DIGITS = /^[0-9]+$/u;
const MAX_NAME_LENGTH = 253;

/** Every host. */
export const ANY_HOST: HostPattern = { type: "any" };

/** How many labels the `*` of a kind's wildcards stands for. */
export type WildcardType = "one-label" | "many-labels";

/** Reads a host as its author wrote it, without regard to case; null if it is neither a DNS name nor `*.` and one. */
export function readHost(written: string, wildcard: WildcardType): HostPattern | null {
  const host = written.slice(0, MAX_NAME_LENGTH + 1).toLowerCase();
  if (host.startsWith("*.")) {
    const suffix = host.slice(2);
    return isDnsName(suffix) ? { type: wildcard, suffix } : null;
  }
  return isDnsName(host) ? { type: "exact", name: host } : null;
}

/** True of a DNS name in lower case (RFC 1123 2.1) that cannot be read as an IPv4 address. */
export function isDnsName(name: string): boolean {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) return false;
  const labels = name.split(".");
  return labels.every((label) => LABEL.test(label)) && !DIGITS.test(labels.at(-1) ?? "");
}

/** One text for each host pattern, unlike that of any other. */
export function hostKey(host: HostPattern): string {
  if (host.type === "exact") return host.name;
  if (host.type === "any") return "*";
  return host.type === "one-label" ? `*.${host.suffix}` : `**.${host.suffix}`;
}

/** A host pattern as its author wrote it. */
export function hostText(host: HostPattern): string {
  return hostKey(host).replace("**.", "*.");
}

/** True if every name that `inner` matches is matched by `outer` too. */
export function coversHost(outer: HostPattern, inner: HostPattern): boolean {
  if (outer.type === "any" || hostKey(outer) === hostKey(inner)) return true;
  if (outer.type === "exact" || inner.type === "any") return false;
  if (outer.type === "one-label") return inner.type === "exact" && isChild(inner.name, outer.suffix);
  return inner.type === "exact"
    ? inner.name.endsWith(`.${outer.suffix}`)
    : inner.suffix === outer.suffix || inner.suffix.endsWith(`.${outer.suffix}`);
}

/** Each host once, in the order of first appearance. */
export function distinctHosts(hosts: readonly HostPattern[]): readonly HostPattern[] {
  return [...new Map(hosts.map((host) => [hostKey(host), host])).values()];
}

/** The order in which tables list hosts: exact names, then wildcards from the longest suffix, then every host. */
export function compareHosts(a: HostPattern, b: HostPattern): number {
  return rankOf(a) - rankOf(b) || suffixLength(b) - suffixLength(a) || compareText(sortText(a), sortText(b));
}

function rankOf(host: HostPattern): number {
  if (host.type === "exact") return 0;
  return host.type === "any" ? 2 : 1;
}

/** The one-label form of a suffix before the other. */
function sortText(host: HostPattern): string {
  if (host.type === "exact") return host.name;
  return host.type === "any" ? "" : `${host.suffix} ${host.type === "one-label" ? 0 : 1}`;
}

function suffixLength(host: HostPattern): number {
  return host.type === "one-label" || host.type === "many-labels" ? host.suffix.length : 0;
}

/** True of `label.suffix` with exactly one label. */
function isChild(name: string, suffix: string): boolean {
  return name.endsWith(`.${suffix}`) && name.indexOf(".") === name.length - suffix.length - 1;
}
