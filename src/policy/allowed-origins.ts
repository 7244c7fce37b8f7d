import type { Gate, Parsed, Policy } from "./policy.ts";

/** Where a page may come from whose script opens a WebSocket. Plain data. */
export type AllowedOrigins = {
  /** Whether pages without an origin of their own, which send `null`, are let in. */
  readonly opaque: boolean;
  readonly origins: readonly OriginPattern[];
};

/** Scheme, host and port must all be equal; with `subdomains` the host must be one or more labels and then `.host`. */
export type OriginPattern = {
  readonly scheme: string;
  readonly host: string;
  readonly port: number | null;
  readonly subdomains: boolean;
};

/**
 * Against cross-site WebSocket hijacking: a browser sends a user's cookies with a handshake of any page, and says only in
 * Origin whose page it is (RFC 6455 10.2). A request without Origin is let in: no browser sent it, and whoever is no
 * browser could write any Origin.
 */
export const allowedOrigins = {
  name: "allowedOrigins",
  parse: parseAllowedOrigins,
  gate: gateOrigins,
} as const satisfies Policy<readonly string[], AllowedOrigins>;

const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(\*\.)?([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?$/;
const EXPECTED =
  "null, or a scheme, a host (which may begin with *.) and a port if it is not the scheme's own: https://*.example.com";
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["ws", 80],
  ["https", 443],
  ["wss", 443],
]);

function parseAllowedOrigins(written: readonly string[]): Parsed<AllowedOrigins> {
  const origins: OriginPattern[] = [];
  for (const [index, text] of written.entries()) {
    if (text === "null") continue;
    const origin = parseOrigin(text);
    if (origin === null) return { ok: false, field: `[${index}]`, value: text, expected: EXPECTED };
    origins.push(origin);
  }
  return { ok: true, config: { opaque: written.includes("null"), origins } };
}

function gateOrigins({ opaque, origins }: AllowedOrigins): Gate {
  const exact = new Set(origins.filter(({ subdomains }) => !subdomains).map(originKey));
  const wildcards = origins.filter(({ subdomains }) => subdomains);
  const allows = (written: string): boolean => {
    if (written === "null") return opaque;
    const origin = parseOrigin(written);
    if (origin === null || origin.subdomains) return false;
    return exact.has(originKey(origin)) || wildcards.some((pattern) => isBelow(origin, pattern));
  };
  return ({ headers }) => {
    const written = headers.get("origin");
    if (written === undefined || (written.length === 1 && allows(written[0] ?? ""))) return { allowed: true };
    return {
      allowed: false,
      failure: "ForbiddenOrigin",
      detail: `the Origin ${written.join(", ").slice(0, 200)} is not allowed`,
    };
  };
}

function parseOrigin(written: string): OriginPattern | null {
  const [, scheme, wildcard, host, port] = ORIGIN.exec(written.toLowerCase()) ?? [];
  if (scheme === undefined || host === undefined || Number(port ?? 0) > 65_535) return null;
  const number = port === undefined ? (DEFAULT_PORTS.get(scheme) ?? null) : Number(port);
  return { scheme, host, port: number, subdomains: wildcard !== undefined };
}

function originKey({ scheme, host, port }: OriginPattern): string {
  return `${scheme}://${host}:${port ?? ""}`;
}

function isBelow(origin: OriginPattern, pattern: OriginPattern): boolean {
  return (
    origin.scheme === pattern.scheme &&
    origin.port === pattern.port &&
    origin.host.length > pattern.host.length + 1 &&
    origin.host.endsWith(`.${pattern.host}`)
  );
}
