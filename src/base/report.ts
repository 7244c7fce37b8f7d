import type { Both, Cause, Flow, Party, SideEnd } from "./endings.ts";
import type { FailureName } from "./failures.ts";

/** Names a rule across everything that can hold one. */
export type RuleName = {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly rule: string;
};

/** What is known of a request whatever became of it. Fields are null until the step that finds them has run. */
export type ReportHead = {
  readonly id: string;
  readonly clientAddress: string;
  readonly peerAddress: string;
  readonly secure: boolean;
  readonly method: string;
  readonly host: string | null;
  /** Without the query, which may hold tokens. */
  readonly path: string | null;
  readonly route: RuleName | null;
  /** `namespace/service:port`. */
  readonly service: string | null;
  /** `address:port` of the endpoint that was dialled last. */
  readonly endpoint: string | null;
  /** Of the trace that the request belongs to: 32 hex digits (W3C Trace Context). */
  readonly traceId: string | null;
  readonly startedAtMs: number;
  /** From the request head to our 101, refusal or the backend's response head. */
  readonly handshakeMs: number;
};

/** A WebSocket that was relayed and has ended. */
export type RelayedReport = ReportHead & {
  readonly outcome: "relayed";
  readonly status: 101;
  readonly subprotocol: string | null;
  readonly cause: Cause;
  readonly by: Party | "proxy";
  readonly clean: boolean;
  /** From the 101 to the end. */
  readonly durationMs: number;
  readonly from: Both<Flow>;
  readonly sides: Both<SideEnd>;
  readonly detail: string | null;
};

/** A handshake or request that Fairlead answered itself. */
export type RefusedReport = ReportHead & {
  readonly outcome: "refused";
  /** True of a handshake; false of a plain request, and of one whose head could not be read. */
  readonly upgrade: boolean;
  readonly status: number;
  readonly failure: FailureName;
  readonly detail: string;
};

/** A request that the backend answered over ordinary HTTP: a plain request, or an upgrade that it declined. */
export type AnsweredReport = ReportHead & {
  readonly outcome: "answered";
  readonly upgrade: boolean;
  readonly status: number;
  readonly durationMs: number;
  /** False when the answer was cut short. */
  readonly complete: boolean;
};

/** What is said, exactly once, of each handshake and request. */
export type Report = RelayedReport | RefusedReport | AnsweredReport;
