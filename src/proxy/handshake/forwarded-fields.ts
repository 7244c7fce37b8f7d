import { isIPv6 } from "node:net";
import type { Field, RequestFacts } from "../../base/request-facts.ts";
import { listElements } from "./header-fields.ts";
import { formatAuthority, parseAuthority } from "./read-authority.ts";
import { normaliseAddress, type TrustedProxies } from "./trusted-proxies.ts";

const WRITTEN_BY_US = /^(?:forwarded|x-real-ip|x-request-id|x-forwarded-(?:for|proto|host|port|scheme))$/i;
const CLAIMS = /^(?:forwarded|x-real-ip|x-request-id|x-forwarded-.*)$/i;

/**
 * The client's address: the peer's own, or behind trusted proxies the right-most address of X-Forwarded-For that is not
 * trusted. An unreadable element ends the search: what stands to its left was not written by a trusted proxy.
 */
export function findClientAddress(
  peerAddress: string,
  forwardedFor: readonly string[] | undefined,
  trusted: TrustedProxies,
): string {
  let nearest = normaliseAddress(peerAddress) ?? peerAddress;
  for (const element of listElements(forwardedFor).toReversed()) {
    if (!trusted(nearest)) break;
    const address = readHop(element);
    if (address === null) break;
    nearest = address;
  }
  return nearest;
}

/** The scheme that the client used: that of the listener, unless a trusted proxy says otherwise in X-Forwarded-Proto. */
export function findScheme(facts: RequestFacts, trusted: TrustedProxies): "http" | "https" {
  const own = facts.arrival.secure ? "https" : "http";
  if (!trusted(facts.arrival.peerAddress)) return own;
  const claimed = listElements(facts.headers.get("x-forwarded-proto")).at(-1)?.toLowerCase() ?? "";
  if (claimed === "https" || claimed === "wss") return "https";
  return claimed === "http" || claimed === "ws" ? "http" : own;
}

/**
 * Replaces every claim about where a request came from by what we know: X-Forwarded-For, -Proto, -Host, -Port and -Scheme,
 * X-Real-IP and X-Request-Id. Claims of a trusted peer are continued; those of anybody else are dropped, Forwarded too.
 */
export function withForwardedFields(
  fields: readonly Field[],
  facts: RequestFacts,
  trusted: TrustedProxies,
): readonly Field[] {
  const believed = trusted(facts.arrival.peerAddress);
  const claims = believed ? WRITTEN_BY_US : CLAIMS;
  const kept = fields.filter(([name]) => !claims.test(name));
  const claimed = (name: string): readonly string[] => (believed ? (facts.headers.get(name) ?? []) : []);
  const scheme = findScheme(facts, trusted);
  const peer = normaliseAddress(facts.arrival.peerAddress) ?? facts.arrival.peerAddress;
  const authority = parseAuthority(claimed("x-forwarded-host").at(-1) ?? "") ?? facts;
  return [
    ...kept,
    ...continueForwarded(claimed("forwarded"), peer, scheme),
    ["X-Forwarded-For", [...listElements(claimed("x-forwarded-for")), peer].join(", ")],
    ["X-Forwarded-Proto", scheme],
    ["X-Forwarded-Scheme", scheme],
    ["X-Forwarded-Host", formatAuthority(authority)],
    [
      "X-Forwarded-Port",
      readPort(claimed("x-forwarded-port")) ?? String(authority.port ?? (scheme === "https" ? 443 : 80)),
    ],
    ["X-Real-IP", facts.clientAddress],
    ["X-Request-Id", facts.id],
  ];
}

// Written only to continue a list that a trusted proxy began (RFC 7239): a list without us would name the wrong last hop.
function continueForwarded(values: readonly string[], peer: string, scheme: string): readonly Field[] {
  if (values.length === 0) return [];
  const node = isIPv6(peer) ? `"[${peer}]"` : peer;
  return [["Forwarded", `${values.join(", ")}, for=${node};proto=${scheme}`]];
}

function readPort(values: readonly string[]): string | null {
  const value = values.at(-1)?.trim();
  return value !== undefined && /^[1-9][0-9]{0,4}$/.test(value) && Number(value) <= 65_535 ? value : null;
}

function readHop(element: string): string | null {
  const bare = normaliseAddress(element);
  if (bare !== null) return bare;
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(element) ?? [];
  return normaliseAddress(bracketed ?? dotted ?? "");
}
