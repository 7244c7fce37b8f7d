import type { Attributes, Context, Span } from "@opentelemetry/api";
import type { Clock } from "../base/ports.ts";
import type { ReportHead } from "../base/report.ts";
import { childContext, type TraceContext } from "../base/trace-context.ts";
import type { HandshakeEnding, HandshakeSpan, Tracer } from "../base/tracing.ts";
import { ruleText } from "./access-fields.ts";
import type { OpenTelemetry } from "./open-telemetry.ts";

type Api = OpenTelemetry["api"];

/** A tracer whose spans are OpenTelemetry's: one for each handshake, of the kind SERVER, from its head to its answer. */
export function createHandshakeSpans(api: Api, tracer: ReturnType<Api["trace"]["getTracer"]>, clock: Clock): Tracer {
  return {
    handshake: (parent) => {
      const startMs = clock.wallMs();
      const monotonicMs = clock.monotonicMs();
      // The wall clock may jump while a backend is waited for.
      const nowMs = (): number => startMs + clock.monotonicMs() - monotonicMs;
      const options = { kind: api.SpanKind.SERVER, startTime: startMs };
      const span = tracer.startSpan("GET", options, contextOf(api, parent));
      const { traceId, spanId, traceFlags } = span.spanContext();
      const sampled = (traceFlags & api.TraceFlags.SAMPLED) !== 0;
      const context = childContext({ traceId, spanId, sampled, state: parent?.state ?? null });
      return { context, ...(span.isRecording() ? recording(api, span, nowMs) : NOT_RECORDING) };
    },
  };
}

const NOT_RECORDING: Omit<HandshakeSpan, "context"> = { step: () => {}, end: () => {} };

function recording(api: Api, span: Span, nowMs: () => number): Omit<HandshakeSpan, "context"> {
  return {
    step: ({ name, ...facts }) => void span.addEvent(`fairlead.${name}`, withPrefix(facts), nowMs()),
    end: ({ head, status, failure }) => {
      span.updateName(head.route === null ? methodOf(head) : `${methodOf(head)} ${ruleText(head.route)}`);
      span.setAttributes(attributesOf({ head, status, failure }));
      // A client's mistake is no error of a server (semantic conventions for HTTP spans).
      if (status >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR });
      span.end(nowMs());
    },
  };
}

function contextOf(api: Api, parent: TraceContext | null): Context {
  if (parent === null) return api.ROOT_CONTEXT;
  return api.trace.setSpanContext(api.ROOT_CONTEXT, {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.sampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE,
    isRemote: true,
    ...(parent.state === null ? {} : { traceState: api.createTraceState(parent.state) }),
  });
}

/** The methods that semantic conventions know; names of others are a client's to invent. */
const METHODS: ReadonlySet<string> = new Set("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split(" "));

function methodOf({ method }: ReportHead): string {
  return METHODS.has(method) ? method : "_OTHER";
}

/** By OpenTelemetry's semantic conventions for HTTP server spans; the query is in none of them. */
function attributesOf({ head, status, failure }: HandshakeEnding): Attributes {
  return {
    "http.request.method": methodOf(head),
    "url.scheme": head.secure ? "https" : "http",
    "network.protocol.name": "http",
    "network.protocol.version": "1.1",
    "network.peer.address": head.peerAddress,
    "client.address": head.clientAddress,
    "fairlead.request.id": head.id,
    ...present({
      "server.address": head.host,
      "url.path": head.path,
      "http.response.status_code": status === 0 ? null : status,
      "error.type": failure,
      "fairlead.route": head.route === null ? null : ruleText(head.route),
      "fairlead.service": head.service,
      "fairlead.endpoint": head.endpoint,
    }),
  };
}

function present(attributes: Readonly<Record<string, string | number | null>>): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

function withPrefix(facts: Readonly<Record<string, string>>): Attributes {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`fairlead.${name}`, value]));
}
