import type { Both, Cause, Party } from "../../base/endings.ts";
import type { FlowTally } from "../../base/flow-tally.ts";
import { violationWords } from "./close-words.ts";
import type { FrameCursor } from "./cursor-cells.ts";
import { type Conductor, Direction } from "./direction.ts";
import { frameRules, type Violation } from "./frame-rules.ts";
import { cut, onBackendGone, onClientGone, onCloseRead, passesClose, sayGoodbye, settle } from "./goodbye.ts";
import type { Surrendered } from "./held-side.ts";
import { Outlet } from "./outlet.ts";
import type { Closing, PairParts, PairState } from "./pair-state.ts";
import { createPingWatch, type PingWatch, takePong } from "./ping-watch.ts";
import type { CloseOrder, RelayId, RelaySettings } from "./relay.ts";
import { createStallWatch, type StallWatch } from "./stall-watch.ts";

/** What a connection lives by, and where its bytes are counted. */
export type PairTerms = { readonly settings: RelaySettings; readonly tallies: Both<FlowTally> };

/** Two peers that are joined. Takes what happens to either and has the steps of goodbye.ts bring both to their ends. */
export class Pair implements Conductor, PairState {
  readonly id: RelayId;
  readonly settings: RelaySettings;
  readonly parts: PairParts;
  readonly startedMs: number;
  /** The directions by their source. */
  readonly from: Both<Direction>;
  /** By the peer that is pinged, or that takes too long to accept bytes. */
  readonly pings: Both<PingWatch>;
  readonly stalls: Both<StallWatch>;
  closing: Closing | null = null;
  /** Peers that were still connected when closeMs was over. */
  readonly overdue = new Set<Party>();
  readonly #cursors: FrameCursor[] = [];

  constructor(id: RelayId, sides: Both<Surrendered>, terms: PairTerms, parts: PairParts) {
    const { settings, tallies } = terms;
    this.id = id;
    this.settings = settings;
    this.parts = parts;
    this.startedMs = parts.clock.monotonicMs();
    const { pingMs, pongMs, stallMs } = settings;
    this.pings = { client: createPingWatch(pingMs.client, pongMs), backend: createPingWatch(pingMs.backend, pongMs) };
    this.stalls = { client: createStallWatch(stallMs.client), backend: createStallWatch(stallMs.backend) };
    this.from = {
      client: this.#direction("client", sides.client, { sink: sides.backend, tally: tallies.client }),
      backend: this.#direction("backend", sides.backend, { sink: sides.client, tally: tallies.backend }),
    };
  }

  /** Sends the 101 and the early bytes, and relays from then on. */
  start(answer: Uint8Array, sides: Both<Surrendered>): void {
    const { client, backend } = this.from;
    client.source.owner = client;
    backend.source.owner = backend;
    // A peer that left while it was a Side is told about after this returned.
    if (client.source.eof || client.source.closed || backend.source.eof || backend.source.closed) {
      setImmediate(() => this.#catchUp());
    }
    backend.outlet.inject(answer);
    backend.outlet.flush();
    for (const bytes of sides.backend.early) backend.onBytes(bytes, bytes.length, false);
    for (const bytes of sides.client.early) client.onBytes(bytes, bytes.length, false);
    backend.resumeUnlessFull();
    client.resumeUnlessFull();
  }

  /** Ends it with the words of the order, or lets the end that is under way come sooner. */
  requestClose(order: CloseOrder): void {
    sayGoodbye(this, { cause: order.cause, by: "proxy", detail: null, words: order.words }, order.closeMs);
  }

  /** RST to both peers. */
  cut(cause: Cause, by: Party | "proxy" = "proxy"): void {
    cut(this, cause, by);
  }

  passesClose(direction: Direction): boolean {
    return passesClose(this, direction);
  }

  onClose(direction: Direction): void {
    onCloseRead(this, direction);
  }

  onClosePassed(): void {
    settle(this);
  }

  isOurPong(direction: Direction, frame: Uint8Array): boolean {
    if (takePong(this.pings[direction.party], frame, this.parts.clock.monotonicMs())) return true;
    this.from[direction.to].pongOwedSinceMs = null;
    return false;
  }

  onViolation(direction: Direction, violation: Violation): void {
    const { cause, detail } = violation;
    const by = direction.party;
    sayGoodbye(
      this,
      { cause, by, detail: `${by}: ${detail}`, words: violationWords(by, violation) },
      this.settings.closeMs,
    );
  }

  onSourceTaken(direction: Direction): void {
    this.from[direction.to].onOutletTaken();
  }

  onSourceEnd(direction: Direction): void {
    if (direction.party === "client") onClientGone(this, "fin");
    else onBackendGone(this);
  }

  onSourceClosed(direction: Direction): void {
    if (!direction.source.eof && direction.party === "client") onClientGone(this, "reset");
    if (!direction.source.eof && direction.party === "backend") onBackendGone(this);
    if (this.from.client.source.closed && this.from.backend.source.closed) this.parts.finished(this);
  }

  onCrowdedOut(): void {
    cut(this, "shed", "proxy");
  }

  /** Gives back what is shared; nothing may happen to the pair afterwards. */
  release(): void {
    this.from.client.settle();
    this.from.backend.settle();
    for (const cursor of this.#cursors.splice(0)) this.parts.pages.close(cursor);
  }

  #direction(
    party: Party,
    source: Surrendered,
    to: { readonly sink: Surrendered; readonly tally: FlowTally },
  ): Direction {
    const { clock, pages, reading, slab, pool } = this.parts;
    const { settings } = this;
    const cursor = pages.open(frameRules(party, settings));
    this.#cursors.push(cursor);
    const outlet = new Outlet(to.sink.wire, slab);
    const { queueBytes } = settings;
    const { tally } = to;
    return new Direction({
      party,
      source: source.wire,
      outlet,
      cursor,
      reading,
      clock,
      queueBytes,
      tally,
      pool,
      conductor: this,
    });
  }

  #catchUp(): void {
    for (const direction of [this.from.client, this.from.backend]) {
      if (direction.source.eof) direction.onEnd();
      if (direction.source.closed) direction.onClosed();
    }
  }
}
