import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { bytesIn, type Message, messagesIn, numberIn, readMessage, textIn } from "./read-protobuf.ts";
import { expose } from "./sentinels.ts";

/** A span as it arrived (opentelemetry/proto/trace/v1/trace.proto). */
export type CollectedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root of a trace. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  /** 2 is SERVER. */
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events: readonly { readonly name: string; readonly attributes: CollectedSpan["attributes"] }[];
  /** 0 unset, 2 error. */
  readonly status: number;
  /** Of the process that sent it. */
  readonly resource: CollectedSpan["attributes"];
};

/** A server that takes spans as a collector does, OTLP/HTTP in protobuf. */
export type Collector = {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** Of each request. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Resolves when so many spans have come. */
  readonly collected: (count: number, withinMs?: number) => Promise<readonly CollectedSpan[]>;
  /** From now on it answers with this status; 0: not at all. */
  readonly answerWith: (status: number) => void;
};

/** Listens on loopback until the test ends. All that it is told is searched for secrets. */
export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const looks = new Set<() => void>();
  const exposed = expose("what a collector got");
  let status = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    requests.push({ path: request.url ?? "", headers: request.headers });
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      exposed.add(body.toString("latin1"));
      if (status === 0) return;
      if (status === 200) spans.push(...readSpans(body));
      response.writeHead(status, { "Content-Type": "application/x-protobuf" }).end();
      for (const look of looks) look();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    collected: (count, withinMs = 15_000) =>
      new Promise((resolve, reject) => {
        const fail = (): void => reject(new Error(`${spans.length} of ${count} spans within ${withinMs} ms`));
        const timer = setTimeout(fail, withinMs);
        const look = (): void => {
          if (spans.length < count) return;
          clearTimeout(timer);
          looks.delete(look);
          resolve(spans);
        };
        looks.add(look);
        look();
      }),
    answerWith: (next) => {
      status = next;
    },
  };
}

/** ExportTraceServiceRequest: resource_spans 1, in each the resource 1 and scope_spans 2, in those the spans 2. */
function readSpans(body: Buffer): readonly CollectedSpan[] {
  return messagesIn(readMessage(body), 1).flatMap((group) => {
    const resource = attributesIn(messagesIn(group, 1)[0] ?? new Map(), 1);
    return messagesIn(group, 2).flatMap((scope) => messagesIn(scope, 2).map((span) => readSpan(span, resource)));
  });
}

function readSpan(span: Message, resource: CollectedSpan["resource"]): CollectedSpan {
  return {
    traceId: bytesIn(span, 1).toString("hex"),
    spanId: bytesIn(span, 2).toString("hex"),
    traceState: textIn(span, 3),
    parentSpanId: bytesIn(span, 4).toString("hex"),
    name: textIn(span, 5),
    kind: Number(numberIn(span, 6)),
    startNs: numberIn(span, 7),
    endNs: numberIn(span, 8),
    attributes: attributesIn(span, 9),
    events: messagesIn(span, 11).map((event) => ({ name: textIn(event, 2), attributes: attributesIn(event, 3) })),
    status: Number(numberIn(messagesIn(span, 15)[0] ?? new Map(), 3)),
    resource,
  };
}

/** KeyValue: key 1, value 2; AnyValue: text 1, integer 3. */
function attributesIn(message: Message, field: number): CollectedSpan["attributes"] {
  const pairs = messagesIn(message, field).map((pair): [string, string | number] => {
    const [value = new Map() as Message] = messagesIn(pair, 2);
    return [textIn(pair, 1), value.has(3) ? Number(numberIn(value, 3)) : textIn(value, 1)];
  });
  return Object.fromEntries(pairs);
}
