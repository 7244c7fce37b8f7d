import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Field } from "../../src/base/request-facts.ts";

/** The key of RFC 6455 1.3 and its answer. */
export const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** The fields of a handshake in which nothing is wrong. */
export const GOOD_FIELDS: readonly Field[] = [
  ["Host", "a.example"],
  ["Upgrade", "websocket"],
  ["Connection", "Upgrade"],
  ["Sec-WebSocket-Key", SAMPLE_KEY],
  ["Sec-WebSocket-Version", "13"],
];

/** What a request may differ in from a good handshake for `/`. */
export type RequestChanges = {
  readonly method?: string;
  readonly url?: string;
  readonly minor?: number;
  /** Replaces all fields. */
  readonly fields?: readonly Field[];
  /** Come behind the others. */
  readonly more?: readonly Field[];
  /** Replaces the value of each of these names, or leaves the field out. */
  readonly change?: Readonly<Record<string, string | null>>;
};

/** A request as Node's parser would hand it over, without a connection. */
export function incomingRequest(changes: RequestChanges = {}): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.method = changes.method ?? "GET";
  request.url = changes.url ?? "/";
  request.httpVersionMajor = 1;
  request.httpVersionMinor = changes.minor ?? 1;
  request.httpVersion = `1.${request.httpVersionMinor}`;
  request.rawHeaders = fieldsOf(changes).flat();
  return request;
}

/** The same request on the wire. */
export function requestBytes(changes: RequestChanges = {}): string {
  const lines = fieldsOf(changes).map(([name, value]) => `${name}: ${value}\r\n`);
  const start = `${changes.method ?? "GET"} ${changes.url ?? "/"} HTTP/1.${changes.minor ?? 1}\r\n`;
  return `${start}${lines.join("")}\r\n`;
}

function fieldsOf({ fields = GOOD_FIELDS, more = [], change = {} }: RequestChanges): readonly Field[] {
  const changed = new Map(Object.entries(change).map(([name, value]) => [name.toLowerCase(), value] as const));
  const kept = fields.flatMap(([name, value]): readonly Field[] => {
    const replaced = changed.get(name.toLowerCase());
    if (replaced === null) return [];
    return [[name, replaced ?? value]];
  });
  return [...kept, ...more];
}
