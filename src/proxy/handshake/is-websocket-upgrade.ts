import type { RequestHead } from "./read-request.ts";

/**
 * Whether an upgrade request asks for WebSocket and nothing else (RFC 6455 4.2.1): for http.Server's shouldUpgradeCallback.
 * Every other Upgrade value, h2c above all, and every Upgrade on HTTP/1.0 (RFC 9110 7.8) takes the plain path.
 */
export function isWebSocketUpgrade(request: RequestHead): boolean {
  if (request.httpVersionMajor !== 1 || request.httpVersionMinor < 1) return false;
  const offered = request.rawHeaders.filter(
    (_, index, all) => index % 2 === 1 && /^upgrade$/i.test(all[index - 1] ?? ""),
  );
  return offered.length === 1 && offered[0]?.trim().toLowerCase() === "websocket";
}
