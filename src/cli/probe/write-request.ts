import { randomBytes } from "node:crypto";
import packageFile from "../../../package.json" with { type: "json" };
import type { Field } from "../../base/request-facts.ts";
import type { ProbeOptions } from "./probe-options.ts";

/** The handshake that a probe sends. */
export type ProbeRequest = { readonly key: string; readonly line: string; readonly fields: readonly Field[] };

/** What is offered: a server that agrees must compress each message on its own (RFC 7692 7.1.1.1), so that none needs those before it. */
export const COMPRESSION_OFFER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/** Writes the handshake of a browser (RFC 6455 4.1). A field of the options replaces the one that is written here. */
export function writeRequest(options: ProbeOptions, key = randomBytes(16).toString("base64")): ProbeRequest {
  const { url, headers, subprotocols, compression } = options;
  const usual: readonly Field[] = [
    ["Host", url.authority],
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Key", key],
    ...(subprotocols.length === 0 ? [] : [["Sec-WebSocket-Protocol", subprotocols.join(", ")] as const]),
    ...(compression ? [["Sec-WebSocket-Extensions", COMPRESSION_OFFER] as const] : []),
    ["User-Agent", `fairlead-probe/${packageFile.version}`],
  ];
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  const fields = [...usual.filter(([name]) => !own.has(name.toLowerCase())), ...headers];
  const sentKey = fields.find(([name]) => name.toLowerCase() === "sec-websocket-key")?.[1] ?? key;
  return { key: sentKey, line: `GET ${url.target} HTTP/1.1`, fields };
}
