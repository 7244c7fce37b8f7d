import { CLOSE_WORDS } from "./close-words.ts";
import type { Direction } from "./direction.ts";
import type { Closing, PairState } from "./pair-state.ts";

/** The first sign of an end. */
export type Sign = Pick<Closing, "cause" | "by" | "detail" | "words">;

/** Notes the first sign of an end and starts closeMs; false if the connection is ending already. */
export function begin(pair: PairState, sign: Sign, closeMs: number): boolean {
  const nowMs = pair.parts.clock.monotonicMs();
  if (pair.closing !== null) {
    pair.closing.deadlineMs = Math.min(pair.closing.deadlineMs, nowMs + closeMs);
    pair.parts.lookBy(pair, pair.closing.deadlineMs);
    return false;
  }
  pair.closing = { ...sign, patienceMs: nowMs + closeMs / 2, deadlineMs: nowMs + closeMs };
  pair.parts.lookBy(pair, pair.closing.patienceMs);
  return true;
}

/** Ends a connection with Close frames of ours: the client's first, so that what it still says reaches the backend. */
export function sayGoodbye(
  pair: PairState,
  sign: Sign & { readonly words: NonNullable<Closing["words"]> },
  closeMs: number,
): void {
  if (!begin(pair, sign, closeMs)) return;
  const { client, backend } = pair.from;
  backend.close(sign.words.client);
  if (client.deaf) client.close(sign.words.backend);
  settle(pair);
}

/** RST to both peers. */
export function cut(pair: PairState, cause: Closing["cause"], by: Closing["by"]): void {
  begin(pair, { cause, by, detail: null, words: null }, 0);
  pair.from.client.source.reset();
  pair.from.backend.source.reset();
}

/** A client's Close that answers one of ours is not the backend's business; one of its own that crosses with our 1014 is. */
export function passesClose({ from, closing }: PairState, direction: Direction): boolean {
  if (direction.party === "backend") return true;
  if (closing !== null && closing.words !== null) return false;
  const heardUs = from.backend.closed !== null && from.backend.received === null;
  return !heardUs || direction.received?.code !== from.backend.closed?.code;
}

/** A Close was read from a peer, and forwarded or not. */
export function onCloseRead(pair: PairState, direction: Direction): void {
  const { party } = direction;
  begin(pair, { cause: party, by: party, detail: null, words: null }, pair.settings.closeMs);
  const words = pair.closing?.words ?? null;
  if (party === "client" && words !== null) direction.close(words.backend);
  settle(pair);
}

/** The client's FIN or RST: without a Close before, it goes on to the backend as it came. */
export function onClientGone(pair: PairState, how: "fin" | "reset"): void {
  begin(pair, { cause: "client", by: "client", detail: null, words: null }, pair.settings.closeMs);
  const { client } = pair.from;
  const words = pair.closing?.words ?? null;
  if (client.closed === null) {
    if (how === "reset") client.outlet.thenReset();
    else if (words !== null && !client.insideFrame) client.close(words.backend);
    else client.outlet.thenEnd();
  }
  settle(pair);
}

/** The backend's FIN or RST: a client that has heard no Close hears 1014, or an RST inside a frame. */
export function onBackendGone(pair: PairState): void {
  begin(pair, { cause: "backend", by: "backend", detail: null, words: null }, pair.settings.closeMs);
  const { client, backend } = pair.from;
  if (backend.closed === null) {
    if (backend.insideFrame) backend.outlet.thenReset();
    else if (client.source.eof) backend.outlet.thenEnd();
    else backend.close(CLOSE_WORDS["backend-lost"].client);
  }
  settle(pair);
}

/** Sends every FIN whose time has come: to the client after both Closes, to the backend after its own FIN. */
export function settle({ from: { client, backend } }: PairState): void {
  const clientIsDone = client.received !== null || client.deaf || isOver(client);
  if (backend.closed !== null && (clientIsDone || isOver(backend))) backend.outlet.thenEnd();
  if (clientIsDone && isOver(backend)) client.outlet.thenEnd();
}

/** Half of closeMs is over: the backend gets its Close, or FIN, though the other peers were to go first. */
export function losePatience({ from: { client }, closing }: PairState): void {
  if (closing === null) return;
  closing.patienceMs = Number.POSITIVE_INFINITY;
  if (client.closed !== null) client.outlet.thenEnd();
  else if (closing.words !== null) client.close(closing.words.backend);
}

/** closeMs is over: whoever is still there is cut off; without an RST if all was said and heard. */
export function expire(pair: PairState): void {
  for (const direction of [pair.from.client, pair.from.backend]) {
    const { source, party } = direction;
    if (source.closed) continue;
    pair.overdue.add(party);
    const way = pair.from[direction.to];
    const complete = direction.received !== null && way.closed !== null && way.outlet.waitingBytes === 0;
    if (complete) source.destroy();
    else source.reset();
  }
}

function isOver({ source }: Direction): boolean {
  return source.eof || source.closed;
}
