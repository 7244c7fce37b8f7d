import type { Field, RequestFacts } from "../../base/request-facts.ts";
import { connectionOptions, groupFields, readFields } from "../../proxy/handshake/header-fields.ts";
import { isWebSocketUpgrade } from "../../proxy/handshake/is-websocket-upgrade.ts";
import { readHandshake } from "../../proxy/handshake/read-handshake.ts";
import { type Caller, type RequestHead, readCaller, readRequest } from "../../proxy/handshake/read-request.ts";
import type { TrustedProxies } from "../../proxy/handshake/trusted-proxies.ts";
import { bareHost, type RequestUrl } from "../request-url.ts";

/** A request that nobody sends. */
export type Question = {
  readonly url: RequestUrl;
  /** GET for a WebSocket, whatever is said here. */
  readonly method: string;
  readonly headers: readonly Field[];
  readonly subprotocols: readonly string[];
  readonly clientAddress: string;
  /** The server name of the TLS connection, in lower case; null if none is sent. */
  readonly serverName: string | null;
};

/** The request as its head would arrive. */
export type AskedRequest = { readonly head: RequestHead; readonly caller: Caller };

/** 16 bytes that nobody relies on. */
const KEY = "AAAAAAAAAAAAAAAAAAAAAA==";

/** Writes the head of the request as a client would. A field of the question's own replaces the one that a client writes. */
export function writeHead(question: Question, trustedProxies: TrustedProxies): AskedRequest {
  const { url, headers } = question;
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  const usual: readonly Field[] = [["Host", url.authority], ...(url.webSocket ? upgradeFields(question) : [])];
  const fields = [...usual.filter(([name]) => !own.has(name.toLowerCase())), ...headers];
  const head: RequestHead = {
    method: url.webSocket ? "GET" : question.method,
    url: url.target,
    httpVersion: "1.1",
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    rawHeaders: fields.flat(),
  };
  const arrival = {
    peerAddress: question.clientAddress,
    peerPort: 0,
    localAddress: "",
    localPort: url.port,
    secure: url.secure,
    serverName: url.secure ? question.serverName : null,
  };
  const nextRequestId = (): string => "explained";
  return { head, caller: readCaller(head, arrival, { trustedProxies, nextRequestId }) };
}

/**
 * Whether a request is taken for a WebSocket handshake. Node's parser hands over none as an upgrade whose Connection
 * lacks it, whatever its Upgrade field says.
 */
export function asksForWebSocket(head: RequestHead): boolean {
  const connection = groupFields(readFields(head.rawHeaders)).get("connection");
  return isWebSocketUpgrade(head) && connectionOptions(connection).has("upgrade");
}

/** What the data plane would know of the request. Throws ProxyError where it would refuse. */
export function readFacts({ head, caller }: AskedRequest): RequestFacts {
  return asksForWebSocket(head) ? readHandshake(head, caller) : readRequest(head, caller);
}

/** The server name that a client sends for a URL: none for an IP address (RFC 6066 3). */
export function usualServerName({ host }: RequestUrl): string | null {
  return host.startsWith("[") || /^[\d.]+$/.test(bareHost(host)) ? null : host;
}

function upgradeFields({ subprotocols }: Question): readonly Field[] {
  return [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", KEY],
    ["Sec-WebSocket-Version", "13"],
    ...(subprotocols.length === 0 ? [] : [["Sec-WebSocket-Protocol", subprotocols.join(", ")] as const]),
  ];
}
