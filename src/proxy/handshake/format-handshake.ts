import type { Field, Handshake } from "../../base/request-facts.ts";
import type { HeaderEdits } from "../../table/routing-table.ts";
import type { Framing } from "./body-framing.ts";
import type { Route } from "./find-route.ts";
import { withForwardedFields } from "./forwarded-fields.ts";
import { editFields, endToEndFields, formatHead } from "./header-fields.ts";
import type { ResponseHead } from "./parse-response-head.ts";
import { formatAuthority } from "./read-authority.ts";
import { rewriteTarget } from "./rewrite-target.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

const UPGRADE: readonly Field[] = [
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
];

/** The head of the handshake that the backend gets: the client's fields in their casing and order, and ours. */
export function formatHandshake(handshake: Handshake, route: Route, trusted: TrustedProxies): Buffer {
  const { rewrite, requestHeaders } = route.forward;
  const passed = without(endToEndFields(handshake.fields), /^(?:host|content-length)$/i);
  return formatHead(`GET ${rewriteTarget(handshake, route.prefix, rewrite)} HTTP/1.1`, [
    ["Host", rewrite.hostname ?? formatAuthority(handshake)],
    ...UPGRADE,
    ...editFields(withForwardedFields(passed, handshake, trusted), requestHeaders),
  ]);
}

/** The head of the 101 that the client gets: the backend's fields, with the rule's edits. */
export function formatSwitch(head: ResponseHead, edits: HeaderEdits): Buffer {
  const passed = without(endToEndFields(head.fields), /^content-length$/i);
  return formatHead("HTTP/1.1 101 Switching Protocols", [...UPGRADE, ...editFields(passed, edits)]);
}

/** The head of a backend's answer that declines the upgrade, with the framing in which its body will be written. */
export function formatDecline(head: ResponseHead, framing: Framing, edits: HeaderEdits): Buffer {
  const passed = without(endToEndFields(head.fields), /^content-length$/i);
  return formatHead(`HTTP/1.1 ${head.status} ${head.reason}`, [
    ...editFields(passed, edits),
    ...framingFields(framing),
    ["Connection", "close"],
  ]);
}

function framingFields(framing: Framing): readonly Field[] {
  if (framing.type === "Length") return [["Content-Length", String(framing.bytes)]];
  return framing.type === "Chunked" ? [["Transfer-Encoding", "chunked"]] : [];
}

function without(fields: readonly Field[], names: RegExp): readonly Field[] {
  return fields.filter(([name]) => !names.test(name));
}
