import type { Clock } from "../../base/ports.ts";
import type { ReportHead } from "../../base/report.ts";
import type { Caller } from "./read-request.ts";

/** What the steps of a request have found out so far, for the one report that it ends with. */
export type ReportDraft = {
  /** Notes what a step found. */
  readonly note: (found: Partial<Pick<ReportHead, "host" | "path" | "route" | "service" | "endpoint">>) => void;
  /** The head of a report that is made now: the handshake lasted until this moment. */
  readonly head: () => ReportHead;
  /** Of the monotonic clock. */
  readonly startedMs: number;
};

/** Begins the report of a request, whose head was just read. */
export function startReport(clock: Clock, caller: Caller, method: string): ReportDraft {
  const startedMs = clock.monotonicMs();
  let draft: Omit<ReportHead, "handshakeMs"> = {
    id: caller.id,
    clientAddress: caller.clientAddress,
    peerAddress: caller.arrival.peerAddress,
    secure: caller.arrival.secure,
    method,
    host: null,
    path: null,
    route: null,
    service: null,
    endpoint: null,
    traceId: caller.trace?.traceId ?? null,
    startedAtMs: clock.wallMs(),
  };
  return {
    note: (found) => {
      draft = { ...draft, ...found };
    },
    head: () => ({ ...draft, handshakeMs: clock.monotonicMs() - startedMs }),
    startedMs,
  };
}
