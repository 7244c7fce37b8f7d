import type { FailureName } from "./failures.ts";
import type { ReportHead } from "./report.ts";
import type { TraceContext } from "./trace-context.ts";

/** What is done in a handshake, between its head and its answer. */
export type HandshakeStep =
  | { readonly name: "matched" | "admitted" }
  | { readonly name: "dialling"; readonly endpoint: string };

/** How a handshake ended: by a 101, the backend's own answer, or a failure. */
export type HandshakeEnding = {
  readonly head: ReportHead;
  /** 0 if nobody was left to answer. */
  readonly status: number;
  readonly failure: FailureName | null;
};

/** The span of one handshake. */
export type HandshakeSpan = {
  /** What the backend is told. */
  readonly context: TraceContext | null;
  /** A step is done, or begun, at this moment. */
  readonly step: (step: HandshakeStep) => void;
  /** The handshake is over; call it once. */
  readonly end: (ending: HandshakeEnding) => void;
};

/** Begins a span for each handshake, within the trace that its client names. Never throws. */
export type Tracer = { readonly handshake: (parent: TraceContext | null) => HandshakeSpan };

/** Traces nothing: what a client says of its trace goes on as it is. */
export const noTracer: Tracer = {
  handshake: (parent) => ({ context: parent, step: () => {}, end: () => {} }),
};
