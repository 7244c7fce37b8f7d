import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { resetBeneathTls } from "./take-over.ts";

/**
 * Ends a connection with an RST; what was not sent yet is lost. The one way to do so: resetAndDestroy() throws on a
 * TLSSocket, and leaks the descriptor while a shutdown that end() asked for is under way.
 */
export function reset(stream: Duplex): void {
  if (stream.destroyed) return;
  if (stream.writableEnded && !stream.writableFinished && stream.writableLength === 0) {
    // The system's shutdown is done by the next turn of the event loop.
    setImmediate(resetNow, stream);
    return;
  }
  resetNow(stream);
}

function resetNow(stream: Duplex): void {
  if (stream.destroyed) return;
  if (stream instanceof TLSSocket) {
    resetBeneathTls(stream);
  } else if (stream instanceof Socket) {
    stream.resetAndDestroy();
  } else {
    stream.destroy();
  }
}
