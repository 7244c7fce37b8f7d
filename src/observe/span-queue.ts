import { messageOf } from "../base/message-of.ts";
import type { Clock, Log, Timer } from "../base/ports.ts";

/** What can become of a span: taken by the collector, not taken by it, or never sent because the queue was full. */
export const SPAN_FATES = ["exported", "failed", "dropped"] as const;

/** What became of spans since the start. */
export type SpanFigures = Readonly<Record<(typeof SPAN_FATES)[number], number>>;

/** Spans on their way to a collector. Whatever the collector does, adding one costs its sender next to nothing. */
export type SpanQueue<Span> = {
  readonly add: (span: Span) => void;
  readonly figures: () => SpanFigures;
  /** Sends what waits, for as long as a process that ends can wait; what comes later is dropped. */
  readonly close: () => Promise<void>;
};

/** Sizes as OpenTelemetry's own batch processor has them; whoever looks for a trace does not want to wait for it. */
export const SPAN_LIMITS = { queued: 2_048, batch: 512, delayMs: 1_000 } as const;

/** A collector that is away is told once in so long. */
const TELL_MS = 60_000;
const CLOSE_MS = 1_000;

/** Makes an empty queue. `send` resolves when the collector has taken the spans. */
export function createSpanQueue<Span>(
  send: (spans: readonly Span[]) => Promise<void>,
  log: Log,
  clock: Clock,
): SpanQueue<Span> {
  const queue: Span[] = [];
  const figures = { exported: 0, failed: 0, dropped: 0 };
  const teller = createTeller(log, clock);
  let timer: Timer | null = null;
  let sending: Promise<void> | null = null;
  let closed = false;
  const sendBatch = async (): Promise<void> => {
    const batch = queue.splice(0, SPAN_LIMITS.batch);
    try {
      await send(batch);
      figures.exported += batch.length;
      teller.succeeded();
    } catch (error) {
      figures.failed += batch.length;
      teller.failed(batch.length, error);
    }
  };
  const sendAll = async (): Promise<void> => {
    do await sendBatch();
    while (queue.length >= (closed ? 1 : SPAN_LIMITS.batch));
    sending = null;
    if (queue.length > 0) wait();
  };
  const start = (): void => {
    timer?.stop();
    timer = null;
    // It does not reject: a batch that fails is told by its own.
    sending ??= sendAll().catch(() => {});
  };
  const wait = (): void => {
    timer ??= clock.after(SPAN_LIMITS.delayMs, start);
  };
  return {
    add: (span) => {
      if (closed || queue.length >= SPAN_LIMITS.queued) {
        figures.dropped += 1;
        return;
      }
      queue.push(span);
      if (sending !== null) return;
      if (queue.length >= SPAN_LIMITS.batch) start();
      else wait();
    },
    figures: () => figures,
    close: async () => {
      closed = true;
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const limit = clock.after(CLOSE_MS, resolve);
      if (queue.length > 0) start();
      await Promise.race([sending, late]);
      limit.stop();
      timer?.stop();
      figures.dropped += queue.splice(0).length;
    },
  };
}

type Teller = { readonly failed: (spans: number, error: unknown) => void; readonly succeeded: () => void };

function createTeller(log: Log, clock: Clock): Teller {
  let untold = 0;
  let toldAtMs: number | null = null;
  return {
    failed: (spans, error) => {
      untold += spans;
      const nowMs = clock.monotonicMs();
      if (toldAtMs !== null && nowMs - toldAtMs < TELL_MS) return;
      toldAtMs = nowMs;
      log.warn({ spans: untold, reason: messageOf(error) }, "spans could not be exported; traffic goes on");
      untold = 0;
    },
    succeeded: () => {
      if (toldAtMs !== null) log.info({ spans: untold }, "spans are exported again; so many more were lost");
      toldAtMs = null;
      untold = 0;
    },
  };
}
