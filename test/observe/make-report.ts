import type { Cause, Flow, SideEnd } from "../../src/base/endings.ts";
import { FAILURES, type FailureName } from "../../src/base/failures.ts";
import type { AnsweredReport, RefusedReport, RelayedReport, ReportHead } from "../../src/base/report.ts";

export const HEAD: ReportHead = {
  id: "edge-1-0-7",
  clientAddress: "203.0.113.9",
  peerAddress: "10.0.0.2",
  secure: true,
  method: "GET",
  host: "chat.example.com",
  path: "/socket",
  route: { kind: "WebSocketRoute", namespace: "apps", name: "chat", rule: "v2" },
  service: "apps/chat:8080",
  endpoint: "10.1.2.3:9001",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  startedAtMs: 0,
  handshakeMs: 4.26,
};

export const FLOW: Flow = { bytes: 100, frames: 5, messages: 4, queuedBytes: 0, queuedPeak: 0, undeliveredBytes: 0 };
export const END: SideEnd = {
  received: null,
  sent: { code: 1012, reason: "service restart" },
  ended: "fin",
  errno: null,
};

/** A WebSocket that has ended. */
export function relayed(cause: Cause, by: RelayedReport["by"]): RelayedReport {
  return {
    ...HEAD,
    outcome: "relayed",
    status: 101,
    subprotocol: "graphql-transport-ws",
    cause,
    by,
    clean: true,
    durationMs: 61_000,
    from: { client: FLOW, backend: { ...FLOW, messages: 9 } },
    sides: { client: END, backend: { ...END, sent: { code: 1001, reason: "" }, errno: "ECONNRESET" } },
    detail: null,
  };
}

/** A request that was refused. */
export function refused(failure: FailureName): RefusedReport {
  return { ...HEAD, outcome: "refused", upgrade: true, status: FAILURES[failure].status, failure, detail: "no rule" };
}

/** A plain request that was answered in full. */
export function answered(status: number): AnsweredReport {
  return { ...HEAD, outcome: "answered", upgrade: false, status, durationMs: 12, complete: true };
}
