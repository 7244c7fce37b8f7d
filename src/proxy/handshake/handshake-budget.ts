import { ProxyError } from "../../base/failures.ts";
import type { Clock } from "../../base/ports.ts";

/** The time that a handshake has left, from its request head to its 101, retries included. */
export type HandshakeBudget = {
  /** Aborts with a ProxyError: HandshakeTimeout when the time is up, ClientGone when the client has left. */
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  /** Call it once the handshake is decided. */
  readonly stop: () => void;
};

/** Starts the budget of a handshake that began at `startedMs` of the monotonic clock. */
export function startBudget(clock: Clock, startedMs: number, handshakeMs: number, gone: AbortSignal): HandshakeBudget {
  const controller = new AbortController();
  const remainingMs = (): number => Math.max(0, startedMs + handshakeMs - clock.monotonicMs());
  const leave = (): void => controller.abort(new ProxyError("ClientGone", "the client left during the handshake"));
  const timer = clock.after(remainingMs(), () => {
    controller.abort(new ProxyError("HandshakeTimeout", `no answer within ${handshakeMs} ms`));
  });
  if (gone.aborted) leave();
  gone.addEventListener("abort", leave);
  return {
    signal: controller.signal,
    remainingMs,
    stop: () => {
      timer.stop();
      gone.removeEventListener("abort", leave);
    },
  };
}
