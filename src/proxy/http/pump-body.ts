import type { Readable, Writable } from "node:stream";

/** A body on its way. */
export type Pump = {
  /** Whom the next byte waits for: the source that has not sent it, or the sink that does not take it. */
  readonly waitingFor: () => "source" | "sink" | "nobody";
};

/** What a pump tells: every step forward, and the end of the source once its last byte was handed to the sink. */
export type PumpEvents = { readonly progressed: (bytes: number) => void; readonly ended: () => void };

/**
 * Moves a body from source to sink, reading only as fast as the sink accepts, and leaves the ending of the sink to
 * `ended`. Failures of either stream are their owner's to see: the pump then only stops.
 */
export function pumpBody(source: Readable, sink: Writable, events: PumpEvents): Pump {
  let state: "source" | "sink" | "nobody" = "source";

  const onData = (chunk: Buffer): void => {
    // Whoever destroyed the sink decides about the source; pausing it here would outlive that decision.
    if (sink.destroyed) return stop();
    events.progressed(chunk.length);
    if (sink.write(chunk)) return;
    state = "sink";
    source.pause();
  };
  const onDrain = (): void => {
    if (state !== "sink") return;
    state = "source";
    events.progressed(0);
    source.resume();
  };
  const stop = (): void => {
    state = "nobody";
    source.off("data", onData);
    source.off("end", onEnd);
    source.off("close", stop);
    sink.off("drain", onDrain);
    sink.off("close", stop);
  };
  const onEnd = (): void => {
    stop();
    events.ended();
  };

  source.on("data", onData);
  source.on("end", onEnd);
  source.on("close", stop);
  sink.on("drain", onDrain);
  sink.on("close", stop);
  return { waitingFor: () => state };
}
