import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../base/ports.ts";
import { HeldSide } from "./held-side.ts";
import { peerFacts } from "./peer-facts.ts";
import { type OnRead, owesAnAnswer, readInto, takeOver } from "./take-over.ts";
import { Wire } from "./wire.ts";

/** Dead peers on idle connections are found within 15 s + 3 x 5 s. */
const KEEP_ALIVE_MS = 15_000;
const KEEP_ALIVE_INTERVAL_MS = 5_000;
const KEEP_ALIVE_PROBES = 3;

/** What the sides of one relay share. */
export type SideParts = {
  readonly clock: Clock;
  /** Where sockets read into; null reads the plain way, each read into memory of its own. */
  readonly readBuffer: Uint8Array | null;
};

/** Passes reads into the shared buffer on to a wire that does not exist yet when its socket is made. */
export type ReadTap = { readonly onRead: OnRead; readonly open: (wire: Wire) => void };

export function createReadTap(): ReadTap {
  let wire: Wire | null = null;
  return {
    onRead: (length, buffer) => {
      wire?.owner.onBytes(buffer, length, true);
      return true;
    },
    open: (opened) => {
      wire = opened;
    },
  };
}

/** `adopt` of the relay: the client's end of an upgrade, on a socket of our own where that is possible. */
export function adoptSide(parts: SideParts, stream: Duplex, head: Uint8Array, held: number): HeldSide {
  // An RST before the 101 is an uncaught error otherwise, also on a socket whose handle was taken.
  stream.on("error", () => {});
  const facts = peerFacts(stream);
  if (owesAnAnswer(stream)) stream.destroy();
  const tap = createReadTap();
  const { readBuffer } = parts;
  const taken = readBuffer === null ? null : takeOver(stream, readBuffer, tap.onRead);
  const shared = taken !== null || (readBuffer !== null && readInto(stream, readBuffer, tap.onRead));
  const side = new HeldSide("client", facts, held, parts.clock);
  side.unread(Buffer.from(head));
  openWire(side, taken ?? stream, shared ? tap : null);
  return side;
}

/** The side of a connection that was just made; `tap` if its socket reads into the shared buffer. */
export function dialledSide(clock: Clock, stream: Socket, tap: ReadTap | null, held: number): HeldSide {
  const side = new HeldSide("backend", peerFacts(stream), held, clock);
  openWire(side, stream, tap);
  return side;
}

function openWire(side: HeldSide, stream: Duplex, tap: ReadTap | null): void {
  if (stream instanceof Socket && !stream.destroyed) {
    stream.setTimeout(0);
    stream.setNoDelay(true);
    stream.setKeepAlive(true, KEEP_ALIVE_MS, KEEP_ALIVE_INTERVAL_MS, KEEP_ALIVE_PROBES);
  }
  const wire = new Wire(stream, side, tap !== null);
  tap?.open(wire);
  side.attach(wire);
}
