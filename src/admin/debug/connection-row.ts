import type { RuleName } from "../../base/report.ts";
import type { Connection } from "../../proxy/relay/connections.ts";
import type { RelayLive } from "../../proxy/relay/relay.ts";

/** One open WebSocket, as /debug/connections shows it; CONNECTION_FIELDS says what each member means. */
export type ConnectionRow = {
  readonly id: number;
  readonly requestId: string;
  readonly state: "open" | "closing";
  readonly clientAddress: string;
  readonly peerAddress: string;
  readonly secure: boolean;
  readonly host: string | null;
  readonly path: string | null;
  readonly route: RuleName | null;
  readonly service: string | null;
  readonly endpoint: string | null;
  readonly subprotocol: string | null;
  readonly openedAt: string;
  readonly ageSeconds: number;
  readonly quietSeconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly queuedIn: number;
  readonly queuedOut: number;
  readonly pingMsClient: number | null;
  readonly pingMsBackend: number | null;
};

/** What the members of a row mean; `In` is from the client, `Out` from the backend. The reference is made from these. */
export const CONNECTION_FIELDS: Readonly<Record<keyof ConnectionRow, string>> = {
  id: "Names it on this replica, until that restarts; never used twice.",
  requestId: "Its id in the access log, which the backend was sent as X-Request-Id.",
  state: "`open`, or `closing` once its end has begun.",
  clientAddress: "The client, as trusted proxies forwarded it.",
  peerAddress: "The other end of the client's TCP connection.",
  secure: "Whether it came in over TLS.",
  host: "The host that was asked for.",
  path: "The path, without the query.",
  route: "The rule that it came by: kind, namespace, name, rule.",
  service: "`namespace/name:port`.",
  endpoint: "`address:port`.",
  subprotocol: "What was agreed on; null for none.",
  openedAt: "When its 101 was written.",
  ageSeconds: "Since then.",
  quietSeconds: "Since the last frame in either direction.",
  bytesIn: "Bytes that were read from the client.",
  bytesOut: "Bytes that were read from the backend.",
  framesIn: "Frames from the client.",
  framesOut: "Frames from the backend.",
  messagesIn: "Messages from the client.",
  messagesOut: "Messages from the backend.",
  queuedIn: "Bytes from the client that wait for a backend that is slow to read.",
  queuedOut: "Bytes from the backend that wait for a client that is slow to read.",
  pingMsClient: "How long the last Ping of ours took there and back, to the client; null before the first.",
  pingMsBackend: "The same, to the backend.",
};

/** A connection as it is at this moment. */
export function toRow(live: RelayLive, { head, subprotocol }: Connection): ConnectionRow {
  const { client, backend } = live.from;
  return {
    id: live.id,
    requestId: head.id,
    state: live.state,
    clientAddress: head.clientAddress,
    peerAddress: head.peerAddress,
    secure: head.secure,
    host: head.host,
    path: head.path,
    route: head.route,
    service: head.service,
    endpoint: head.endpoint,
    subprotocol,
    openedAt: new Date(head.startedAtMs + head.handshakeMs).toISOString(),
    ageSeconds: seconds(live.ageMs),
    quietSeconds: seconds(live.quietMs),
    bytesIn: client.bytes,
    bytesOut: backend.bytes,
    framesIn: client.frames,
    framesOut: backend.frames,
    messagesIn: client.messages,
    messagesOut: backend.messages,
    queuedIn: client.queuedBytes,
    queuedOut: backend.queuedBytes,
    pingMsClient: live.pingRttMs.client,
    pingMsBackend: live.pingRttMs.backend,
  };
}

function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}
