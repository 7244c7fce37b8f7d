import { FAILURES } from "../base/failures.ts";
import type { Report } from "../base/report.ts";

/**
 * What became of a handshake: a 101; the backend's own answer that is no 101; or a refusal, by whose fault it was
 * (docs/reference/failures.md).
 */
export const HANDSHAKE_OUTCOMES = [
  "accepted",
  "declined",
  "client-error",
  "backend-error",
  "config-error",
  "proxy-error",
] as const;

/** One of HANDSHAKE_OUTCOMES. */
export type HandshakeOutcome = (typeof HANDSHAKE_OUTCOMES)[number];

/** Which kind of listener a request came in by. */
export const LISTENERS = ["http", "https"] as const;

/** One of LISTENERS. */
export type ListenerName = (typeof LISTENERS)[number];

/** What became of a handshake that did not lead to a WebSocket; null of everything else: one that did is told at its opening. */
export function failedHandshake(report: Report): HandshakeOutcome | null {
  if (report.outcome === "relayed" || !report.upgrade) return null;
  return report.outcome === "answered" ? "declined" : `${FAILURES[report.failure].fault}-error`;
}

/** The kind of listener of a request. */
export function listenerOf({ secure }: { readonly secure: boolean }): ListenerName {
  return secure ? "https" : "http";
}
