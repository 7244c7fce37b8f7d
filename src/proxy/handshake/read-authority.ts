import { isIPv6 } from "node:net";
import { ProxyError } from "../../base/failures.ts";
import type { Field } from "../../base/request-facts.ts";

/** The host that a request is for, in normal form: lower case, no trailing dot; an IPv6 literal keeps its brackets. */
export type Authority = { readonly host: string; readonly port: number | null };

/** The authority of a target in absolute form (RFC 9112 3.2.2), as written, and the port that its scheme implies. */
export type TargetAuthority = { readonly written: string; readonly defaultPort: 80 | 443 };

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * The authority of a request: exactly one Host field with a valid value (RFC 9112 3.2), which an absolute-form target
 * must repeat. Throws ProxyError BadRequest.
 */
export function readAuthority(fields: readonly Field[], target: TargetAuthority | null): Authority {
  const hosts = fields.filter(([name]) => name.toLowerCase() === "host");
  const [field] = hosts;
  if (field === undefined) throw new ProxyError("BadRequest", "the Host field is missing");
  if (hosts.length > 1) throw new ProxyError("BadRequest", "there is more than one Host field");
  const authority = parseAuthority(field[1]);
  if (authority === null) throw new ProxyError("BadRequest", "the Host field is not a valid host");
  if (target !== null) requireSame(authority, parseAuthority(target.written), target.defaultPort);
  return authority;
}

/** Parses `host`, `host:port` or `[ipv6]:port`; null for anything else, user information included. */
export function parseAuthority(written: string): Authority | null {
  const parts = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{0,5}))?$/.exec(written);
  if (parts === null) return null;
  const [, rawHost = "", rawPort = ""] = parts;
  const host = rawHost.startsWith("[") ? normaliseIpv6(rawHost) : normaliseName(rawHost);
  const port = rawPort === "" ? null : Number(rawPort);
  return host === null || port === 0 || (port ?? 0) > 65_535 ? null : { host, port };
}

/** How an authority is written in a Host field. */
export function formatAuthority(authority: Authority): string {
  return authority.port === null ? authority.host : `${authority.host}:${authority.port}`;
}

function normaliseName(written: string): string | null {
  const name = written.toLowerCase().replace(/\.$/, "");
  if (name.length === 0 || name.length > 253) return null;
  return name.split(".").every((label) => LABEL.test(label)) ? name : null;
}

function normaliseIpv6(written: string): string | null {
  const address = written.slice(1, -1);
  if (!isIPv6(address) || address.includes("%")) return null;
  return new URL(`http://${written}/`).hostname;
}

// A port that is the scheme's own may be written or not (RFC 9110 4.2.3).
function requireSame(fromField: Authority, fromTarget: Authority | null, defaultPort: number): void {
  const sameHost = fromTarget?.host === fromField.host;
  if (!sameHost || (fromTarget.port ?? defaultPort) !== (fromField.port ?? defaultPort)) {
    throw new ProxyError("BadRequest", "the request target's authority differs from the Host field");
  }
}
