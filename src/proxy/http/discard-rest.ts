import type { IncomingMessage } from "node:http";
import type { Clock } from "../../base/ports.ts";

/**
 * Reads and drops what is left of a request that was answered before its end, so that the answer is not lost to the RST
 * that closing over unread bytes provokes; cuts the connection when the rest takes longer than `lingerMs`.
 */
export function discardRest(request: IncomingMessage, clock: Clock, lingerMs: number): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const timer = clock.after(lingerMs, () => socket.destroy());
  request.once("end", timer.stop);
  request.once("close", timer.stop);
  request.resume();
}
