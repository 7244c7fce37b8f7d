import type { Clock, Log } from "./base/ports.ts";
import { type Config, EXIT_MARGIN_MS } from "./config/read-config.ts";
import type { DataPlane } from "./data-plane.ts";
import type { Listener } from "./proxy/listen/http-listener.ts";
import { drain } from "./proxy/relay/drain.ts";

/** What is drained, and with what. */
export type Draining = {
  readonly config: Pick<Config, "propagationDelayMs" | "gracePeriodMs">;
  readonly plane: Pick<DataPlane, "relay" | "connections" | "reJudge" | "setPhase" | "inFlight">;
  readonly listeners: readonly Pick<Listener, "refuseReuse" | "stopAccepting">[];
  readonly ports: { readonly clock: Clock; readonly log: Log; readonly random: () => number };
};

/** How often it is looked whether the last handshake is done and the last plain request answered. */
const LOOK_MS = 50;

/**
 * How long saying goodbye may take, so that the process is gone within its grace period: a route's window and close
 * timeout fit into it. Routes with longer windows are clamped, and told so.
 */
export function maxDrainMs({ propagationDelayMs, gracePeriodMs }: Draining["config"]): number {
  return Math.max(0, gracePeriodMs - propagationDelayMs - EXIT_MARGIN_MS);
}

/**
 * Takes a data plane out of service: goes on accepting while the news spreads that it is not ready, stops accepting, says
 * goodbye to every WebSocket and waits for plain requests. Resolves before the grace period is over; never rejects.
 */
export async function drainPlane({ config, plane, listeners, ports }: Draining): Promise<void> {
  const { clock, log } = ports;
  const startMs = clock.monotonicMs();
  const leftMs = (): number => Math.max(0, startMs + config.gracePeriodMs - EXIT_MARGIN_MS - clock.monotonicMs());
  const { propagationDelayMs, gracePeriodMs } = config;
  const { open } = plane.connections.counts();
  log.info({ propagationDelayMs, gracePeriodMs, open }, "draining: not ready, still accepting");
  plane.setPhase("draining");
  for (const listener of listeners) listener.refuseReuse();
  await pause(clock, Math.min(config.propagationDelayMs, leftMs()));
  plane.setPhase("refusing");
  plane.reJudge.stop();
  for (const listener of listeners) listener.stopAccepting();
  log.info({ open: plane.connections.counts().open }, "draining: stopped accepting, saying goodbye");
  const none = (kind: keyof ReturnType<typeof plane.inFlight>): Promise<void> =>
    untilNone(() => plane.inFlight()[kind], clock, leftMs);
  const times = { maxDrainMs: maxDrainMs(config), deadlineMs: leftMs() };
  const outcome = await drain({ ...plane, ...ports, handshakesOver: none("handshakes") }, times);
  await none("requests");
  log.info({ ...outcome, durationMs: Math.round(clock.monotonicMs() - startMs) }, "drained");
}

async function untilNone(count: () => number, clock: Clock, leftMs: () => number): Promise<void> {
  while (count() > 0 && leftMs() > 0) await pause(clock, LOOK_MS);
}

function pause(clock: Clock, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.after(ms, resolve);
  return promise;
}
