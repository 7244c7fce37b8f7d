import type { IncomingMessage } from "node:http";

/** What a server received, for somebody who wants to see what a proxy made of a request. */
export type RequestDescription = {
  readonly servedBy: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBytes: number;
};

const credentials = new Set(["authorization", "proxy-authorization", "cookie", "x-api-key", "sec-websocket-protocol"]);

/** Describes a request; header names in lower case, repeated ones joined, those that may hold a credential left out. */
export function describeRequest(servedBy: string, request: IncomingMessage, bodyBytes: number): RequestDescription {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] ?? "").toLowerCase();
    const value = request.rawHeaders[index + 1] ?? "";
    if (credentials.has(name)) continue;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const { method = "GET", url = "/" } = request;
  return { servedBy, method, path: url, headers: Object.fromEntries(headers), bodyBytes };
}
