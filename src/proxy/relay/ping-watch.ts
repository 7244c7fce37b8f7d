import { answersPing, encodePing } from "./close-frame.ts";
import type { Direction } from "./direction.ts";

const TAG = [0x66, 0x6c, 0x70, 0x67];
const PAYLOAD_BYTES = 8;
/** While a paused or owing peer delays a verdict. */
const RELOOK_MS = 1000;

/** Pings of ours to one peer: their payload is told from everybody else's, and its Pong is kept from the other peer. */
export type PingWatch = {
  readonly pingMs: number;
  readonly pongMs: number;
  /** The payload whose Pong has not come; null when none is expected. */
  payload: Uint8Array | null;
  sentMs: number;
  /** True until a byte, any byte, answers the last Ping (RFC 6455 5.5.3 lets a peer answer only the latest). */
  waiting: boolean;
  rttMs: number | null;
};

export function createPingWatch(pingMs: number, pongMs: number): PingWatch {
  return { pingMs, pongMs, payload: null, sentMs: 0, waiting: false, rttMs: null };
}

/** Sends a Ping by `way`, at its next boundary. */
export function sendPing(watch: PingWatch, way: Direction, nowMs: number, random: () => number): void {
  const payload = new Uint8Array(PAYLOAD_BYTES);
  payload.set(TAG);
  for (let at = TAG.length; at < PAYLOAD_BYTES; at += 1) payload[at] = Math.floor(random() * 256);
  watch.payload = payload;
  watch.sentMs = nowMs;
  watch.waiting = true;
  way.ping(encodePing(way.to, payload));
}

/** Whether this Pong answers the last Ping of ours; true once for each. */
export function takePong(watch: PingWatch, frame: Uint8Array, nowMs: number): boolean {
  if (watch.payload === null || !answersPing(frame, watch.payload)) return false;
  watch.payload = null;
  watch.rttMs = nowMs - watch.sentMs;
  return true;
}

/** What is to be done about a peer that is silent. */
export type PingVerdict = "nothing" | "ping" | "timeout";

/** Judges the silence of the peer that `from` reads; `way` leads to it. A peer that we do not read is not silent. */
export function judgeSilence(watch: PingWatch, from: Direction, way: Direction, nowMs: number): PingVerdict {
  if (watch.pingMs === 0 || from.source.paused) return "nothing";
  if (watch.waiting && from.readMs >= watch.sentMs) watch.waiting = false;
  if (watch.waiting) return isOverdue(watch, watch.sentMs, nowMs) ? "timeout" : "nothing";
  if (nowMs - from.readMs < watch.pingMs) return "nothing";
  const owedMs = way.pongOwedSinceMs;
  if (owedMs === null) return "ping";
  // The other peer's Ping asks as well as one of ours would.
  return isOverdue(watch, Math.max(owedMs, from.readMs + watch.pingMs), nowMs) ? "timeout" : "nothing";
}

function isOverdue({ pongMs }: PingWatch, askedMs: number, nowMs: number): boolean {
  return pongMs > 0 && nowMs - askedMs >= pongMs;
}

/** When `judgeSilence` may next have something to say, in monotonic ms. */
export function silenceDueMs(watch: PingWatch, from: Direction, nowMs: number): number {
  if (watch.pingMs === 0) return Number.POSITIVE_INFINITY;
  // The answer may come at once, and the next silence be over before pongMs is.
  const dueMs = watch.waiting
    ? Math.min(watch.sentMs + watch.pongMs, nowMs + watch.pingMs)
    : from.readMs + watch.pingMs;
  return dueMs > nowMs ? dueMs : nowMs + Math.min(watch.pingMs, RELOOK_MS);
}
