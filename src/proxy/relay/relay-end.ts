import type { Party, SideEnd } from "../../base/endings.ts";
import type { Direction } from "./direction.ts";
import { passedMs } from "./look.ts";
import type { PairState } from "./pair-state.ts";
import type { RelayEnd, RelayLive } from "./relay.ts";

/** What is said of a connection once both of its peers are gone. */
export function relayEnd(pair: PairState): RelayEnd {
  const { client, backend } = pair.from;
  const { cause, by, detail } = pair.closing ?? { cause: "error", by: "proxy", detail: null };
  const undelivered = client.outlet.undeliveredBytes + backend.outlet.undeliveredBytes;
  return {
    id: pair.id,
    cause,
    by,
    clean: undelivered === 0 && isSaid(client, backend) && isSaid(backend, client),
    durationMs: Math.round(pair.parts.clock.monotonicMs() - pair.startedMs),
    from: { client: client.flow(), backend: backend.flow() },
    sides: { client: sideEnd(pair, "client"), backend: sideEnd(pair, "backend") },
    detail: detail ?? truncation(client) ?? truncation(backend),
  };
}

/** A look at a connection that lives. */
export function relayLive(pair: PairState): RelayLive {
  const { client, backend } = pair.from;
  const nowMs = pair.parts.clock.monotonicMs();
  return {
    id: pair.id,
    state: pair.closing === null ? "open" : "closing",
    from: { client: client.flow(), backend: backend.flow() },
    ageMs: nowMs - pair.startedMs,
    quietMs: nowMs - passedMs(pair),
    pingRttMs: { client: pair.pings.client.rttMs, backend: pair.pings.backend.rttMs },
  };
}

/** The closing handshake was completed with the source of `from` (RFC 6455 7.1.4). */
function isSaid(from: Direction, way: Direction): boolean {
  return from.received !== null && way.closed !== null;
}

function sideEnd(pair: PairState, party: Party): SideEnd {
  const { source, received, to } = pair.from[party];
  return {
    received,
    sent: pair.from[to].closed,
    ended: pair.overdue.has(party) ? "timeout" : source.ending,
    errno: source.errno ?? source.writeErrno,
  };
}

function truncation({ truncated, party }: Direction): string | null {
  return truncated ? `${party}: ended inside a frame` : null;
}
