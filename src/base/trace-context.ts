import type { Field } from "./request-facts.ts";

/** A place in somebody's trace (W3C Trace Context): what a request says of it, or is told on its way to a backend. */
export type TraceContext = {
  /** 32 hex digits in lower case, not all of them 0. */
  readonly traceId: string;
  /** Of the span that caused the request: 16 hex digits in lower case, not all of them 0. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** What vendors added, as it was written; null where nobody did. */
  readonly state: string | null;
  /** The fields that say so. */
  readonly fields: readonly Field[];
};

// Version ff is none; what comes later may go on behind what this version, 00, knows.
const TRACEPARENT = /^(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const SAMPLED = 1;

/** What a request says of its trace; null if it says nothing, or nothing valid, and then nobody may be told of it. */
export function readTraceContext(fields: readonly Field[]): TraceContext | null {
  const [parent, ...more] = named(fields, "traceparent");
  const [, traceId, spanId, flags = ""] = TRACEPARENT.exec(parent?.[1].trim() ?? "") ?? [];
  if (parent === undefined || more.length > 0 || traceId === undefined || spanId === undefined) return null;
  const states = named(fields, "tracestate");
  return {
    traceId,
    spanId,
    sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED,
    state: states.length === 0 ? null : states.map(([, value]) => value).join(","),
    fields: [parent, ...states],
  };
}

/** The context of our own span within a trace; what vendors added to the trace goes with it. */
export function childContext({ traceId, spanId, sampled, state }: Omit<TraceContext, "fields">): TraceContext {
  const parent: Field = ["traceparent", `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`];
  return { traceId, spanId, sampled, state, fields: state === null ? [parent] : [parent, ["tracestate", state]] };
}

/** The fields with this context in place of any other; null is none. */
export function carryTrace(fields: readonly Field[], context: TraceContext | null): readonly Field[] {
  const others = fields.filter(([name]) => !/^trace(?:parent|state)$/i.test(name));
  return [...others, ...(context?.fields ?? [])];
}

function named(fields: readonly Field[], wanted: string): readonly Field[] {
  return fields.filter(([name]) => name.toLowerCase() === wanted);
}
