import type { ServerResponse } from "node:http";
import type { Clock } from "../base/ports.ts";

/** How long an answer may take to be read: Prometheus gives up sooner. */
const READ_MS = 60_000;

/** Writes an answer as fast as it is read, a piece at a time: a reader that stops costs a piece, and is cut off in the end. */
export async function writePieces(
  response: ServerResponse,
  pieces: AsyncIterable<string>,
  clock: Clock,
): Promise<void> {
  const timer = clock.after(READ_MS, () => response.destroy());
  try {
    for await (const piece of pieces) {
      if (!response.write(piece)) await untilDrained(response);
      if (response.destroyed) return;
    }
    response.end();
  } finally {
    timer.stop();
  }
}

function untilDrained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const settle = (): void => {
    response.off("drain", settle);
    response.off("close", settle);
    resolve();
  };
  response.on("drain", settle);
  response.on("close", settle);
  if (response.destroyed) settle();
  return promise;
}
