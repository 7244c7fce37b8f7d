import type { Party } from "../../base/endings.ts";
import { CLOSE_WORDS } from "./close-words.ts";
import type { Direction } from "./direction.ts";
import { cut, expire, losePatience, sayGoodbye } from "./goodbye.ts";
import type { PairState } from "./pair-state.ts";
import { judgeSilence, sendPing, silenceDueMs } from "./ping-watch.ts";
import { isStalled, stallDueMs } from "./stall-watch.ts";

/** A watch is never given up while its connection lives. */
const LONGEST_MS = 3_600_000;
const PARTIES = ["client", "backend"] as const satisfies readonly Party[];

/** Ends, pings or leaves a connection, by what it has done up to now; the next time to look, in monotonic ms. */
export function look(pair: PairState, nowMs: number): number {
  const stuck = PARTIES.find((party) => isStalled(pair.stalls[party], wayTo(pair, party).outlet, nowMs));
  if (stuck !== undefined) cut(pair, "stalled", stuck);
  else if (pair.closing !== null) lookAtClosing(pair, nowMs);
  else lookAtOpen(pair, nowMs);
  return dueMs(pair, nowMs);
}

function lookAtClosing(pair: PairState, nowMs: number): void {
  if (pair.closing === null) return;
  if (nowMs >= pair.closing.deadlineMs) expire(pair);
  else if (nowMs >= pair.closing.patienceMs) losePatience(pair);
}

function lookAtOpen(pair: PairState, nowMs: number): void {
  const { idleMs, lifetimeMs, closeMs } = pair.settings;
  if (lifetimeMs > 0 && nowMs - pair.startedMs >= lifetimeMs) {
    sayGoodbye(pair, { cause: "lifetime", by: "proxy", detail: null, words: CLOSE_WORDS.lifetime }, closeMs);
  } else if (idleMs > 0 && nowMs - passedMs(pair) >= idleMs) {
    sayGoodbye(pair, { cause: "idle", by: "proxy", detail: null, words: CLOSE_WORDS.idle }, closeMs);
  } else {
    for (const party of PARTIES) ping(pair, party, nowMs);
  }
}

function ping(pair: PairState, party: Party, nowMs: number): void {
  const watch = pair.pings[party];
  const way = wayTo(pair, party);
  const verdict = judgeSilence(watch, pair.from[party], way, nowMs);
  if (verdict === "ping") sendPing(watch, way, nowMs, pair.parts.random);
  if (verdict !== "timeout") return;
  const words = CLOSE_WORDS[`${party}-ping-timeout`];
  sayGoodbye(pair, { cause: "ping-timeout", by: party, detail: null, words }, pair.settings.closeMs);
}

function dueMs(pair: PairState, nowMs: number): number {
  const { idleMs, lifetimeMs } = pair.settings;
  const stallMs = Math.min(stallDueMs(pair.stalls.client, nowMs), stallDueMs(pair.stalls.backend, nowMs));
  const latestMs = Math.min(stallMs, nowMs + LONGEST_MS);
  if (pair.closing !== null) return Math.min(latestMs, pair.closing.patienceMs, after(nowMs, pair.closing.deadlineMs));
  return Math.min(
    latestMs,
    lifetimeMs > 0 ? pair.startedMs + lifetimeMs : Number.POSITIVE_INFINITY,
    idleMs > 0 ? passedMs(pair) + idleMs : Number.POSITIVE_INFINITY,
    silenceDueMs(pair.pings.client, pair.from.client, nowMs),
    silenceDueMs(pair.pings.backend, pair.from.backend, nowMs),
  );
}

/** A deadline that is over was acted upon. */
function after(nowMs: number, dueAtMs: number): number {
  return dueAtMs > nowMs ? dueAtMs : Number.POSITIVE_INFINITY;
}

/** When the last frame passed, in either direction; monotonic ms. */
export function passedMs({ from }: PairState): number {
  return Math.max(from.client.passedMs, from.backend.passedMs);
}

function wayTo(pair: PairState, party: Party): Direction {
  return pair.from[party === "client" ? "backend" : "client"];
}
