import { hostname } from "node:os";
import type { Clock, Log } from "../base/ports.ts";
import { noTracer, type Tracer } from "../base/tracing.ts";
import { createHandshakeSpans } from "./handshake-spans.ts";
import { loadOpenTelemetry, type OpenTelemetry } from "./open-telemetry.ts";
import { createSpanQueue, type SpanFigures } from "./span-queue.ts";

/** Where spans go, and how many. */
export type TracingSettings = {
  /** Of an OTLP/HTTP collector, with the path that takes traces. */
  readonly url: string;
  /** Of the handshakes whose client decided nothing: 0 to 1. */
  readonly sampleRatio: number;
};

/** Tracing, on or off. */
export type Tracing = {
  readonly tracer: Tracer;
  readonly figures: () => SpanFigures;
  /** Sends what waits, for a second at most, and lets go of everything. */
  readonly stop: () => Promise<void>;
};

/** OpenTelemetry's ExportResultCode, which is an enum of a package that we do not load. */
const SUCCESS = 0;
type Exported = { readonly code: number; readonly error?: Error };

/** What clients may put into one attribute, in UTF-16 units. */
const MAX_ATTRIBUTE = 1_024;

/** Tracing that is off: nothing is loaded, and what clients say of their traces goes on. */
export const noTracing: Tracing = {
  tracer: noTracer,
  figures: () => ({ exported: 0, failed: 0, dropped: 0 }),
  stop: () => Promise.resolve(),
};

/** Turns tracing on. Rejects when OpenTelemetry is not installed; a collector that is away is no reason not to start. */
export async function openTracing(
  settings: TracingSettings,
  version: string,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): Promise<Tracing> {
  const openTelemetry = await loadOpenTelemetry();
  const { api, sdk, exporter } = openTelemetry;
  const collector = new exporter.OTLPTraceExporter({ url: settings.url });
  type Spans = Parameters<typeof collector.export>[0];
  const queue = createSpanQueue<Spans[number]>(
    (spans) =>
      new Promise((resolve, reject) => {
        collector.export([...spans], ({ code, error }: Exported) => {
          if (code === SUCCESS) resolve();
          else reject(error ?? new Error("the collector did not take them"));
        });
      }),
    log,
    clock,
  );
  const provider = new sdk.TracerProvider({
    resource: describeProcess(openTelemetry, version),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(settings.sampleRatio) }),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE },
    spanProcessors: [
      {
        onStart: () => {},
        onEnd: queue.add,
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  return {
    tracer: createHandshakeSpans(api, provider.getTracer("fairlead", version), clock),
    figures: queue.figures,
    stop: async () => {
      await queue.close();
      await collector.shutdown();
    },
  };
}

/** Who sends the spans. What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before. */
function describeProcess({ resources }: OpenTelemetry, version: string): ReturnType<typeof resources.defaultResource> {
  const own = resources.resourceFromAttributes({
    "service.name": "fairlead",
    "service.version": version,
    "service.instance.id": hostname(),
  });
  const detectors = [resources.resourceAttributesEnvDetector, resources.serviceNameEnvDetector];
  const told = resources.detectResources({ detectors });
  return resources.defaultResource().merge(own).merge(told);
}
