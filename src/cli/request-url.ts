import { domainToASCII } from "node:url";
import type { ParsedValue } from "../config/parse-values.ts";
import { type Authority, parseAuthority } from "../proxy/handshake/read-authority.ts";

/** What a URL says of a request, before any client or server made something else of it. */
export type RequestUrl = {
  readonly scheme: "ws" | "wss" | "http" | "https";
  /** True of wss and https. */
  readonly secure: boolean;
  /** True of ws and wss. */
  readonly webSocket: boolean;
  /** In lower case; an IPv6 literal keeps its brackets. */
  readonly host: string;
  /** The port that is connected to: the written one, or the scheme's own. */
  readonly port: number;
  /** What a client writes in the Host field: the port only if it is not the scheme's own (RFC 9110 4.2.3). */
  readonly authority: string;
  /** The target in origin form (RFC 9112 3.2.1), as written: with its query, without the fragment, dot segments and all. */
  readonly target: string;
};

const EXPECTED =
  "a URL that begins with ws://, wss://, http:// or https://, without user information: wss://chat.example.com/socket";
const SCHEMES = ["ws", "wss", "http", "https"] as const;
const URL_PARTS = /^(wss?|https?):\/\/([^/?#]+)([^#]*)/i;
const MAX_LENGTH = 65_536;

/**
 * Reads the URL of a request. Unlike WHATWG's parser it resolves no dot segments, so that it can be seen what a server
 * makes of them; characters that no request line may hold are escaped, as every client does.
 */
export function parseRequestUrl(text: string): ParsedValue<RequestUrl> {
  const isReadable = text.length <= MAX_LENGTH && text.isWellFormed();
  const [, written, authority, rest = ""] = (isReadable ? URL_PARTS.exec(text) : null) ?? [];
  const scheme = SCHEMES.find((each) => each === written?.toLowerCase());
  const named = parseAuthority(toAscii(authority ?? ""));
  if (scheme === undefined || named === null) return { ok: false, expected: EXPECTED };
  return { ok: true, value: describe(scheme, named, rest) };
}

function describe(scheme: RequestUrl["scheme"], { host, port: written }: Authority, rest: string): RequestUrl {
  const secure = scheme === "wss" || scheme === "https";
  const usual = secure ? 443 : 80;
  const port = written ?? usual;
  const authority = port === usual ? host : `${host}:${port}`;
  const target = escape(rest.startsWith("/") ? rest : `/${rest}`);
  return { scheme, secure, webSocket: scheme.startsWith("ws"), host, port, authority, target };
}

/** The host without the brackets of an IPv6 literal, as sockets want it. */
export function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

// An internationalised name is asked for in its ASCII form (RFC 5891 4), which the rest of it is already.
function toAscii(authority: string): string {
  if (/^[\u0020-\u007e]*$/.test(authority)) return authority;
  const [, name = "", port = ""] = /^([^:]*)(.*)$/.exec(authority) ?? [];
  return domainToASCII(name) + port;
}

function escape(target: string): string {
  return target.replaceAll(/[^\u0021-\u007e]/gu, encodeURIComponent);
}
