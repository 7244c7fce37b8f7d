import type { CloseWords, Flow, Party } from "../../base/endings.ts";
import type { FlowTally } from "../../base/flow-tally.ts";
import type { Clock } from "../../base/ports.ts";
import { encodeClose, readClose } from "./close-frame.ts";
import type { FrameCursor } from "./cursor-cells.ts";
import {
  bytesToBoundary,
  countsOf,
  discount,
  framesOf,
  heldBytes,
  heldOf,
  messagesOf,
  type Outcome,
  positionOf,
  type Reading,
  step,
  violationOf,
} from "./frame-cursor.ts";
import { OPCODE } from "./frame-header.ts";
import type { Violation } from "./frame-rules.ts";
import type { Outlet } from "./outlet.ts";
import type { Queue, QueuePool } from "./queue-pool.ts";
import type { Wire, WireOwner } from "./wire.ts";

/** What the two directions of a connection report to the one who conducts both. */
export type Conductor = {
  /** Whether a Close that was read goes on to the other peer, as far as frames go. */
  readonly passesClose: (direction: Direction) => boolean;
  /** A Close was read, and passed on or not. */
  readonly onClose: (direction: Direction) => void;
  /** Our own Close has gone this way. */
  readonly onClosePassed: (direction: Direction) => void;
  /** Whether a Pong answers a Ping of ours; asked once for each. The frame is valid during the call. */
  readonly isOurPong: (direction: Direction, frame: Uint8Array) => boolean;
  readonly onViolation: (direction: Direction, violation: Violation) => void;
  /** The source has taken what it was given. */
  readonly onSourceTaken: (direction: Direction) => void;
  /** The source's FIN was read; `truncated` if inside a frame. */
  readonly onSourceEnd: (direction: Direction) => void;
  /** The source's connection is gone, after its FIN or without. */
  readonly onSourceClosed: (direction: Direction) => void;
  /** Too much waits over all connections, and this direction's is to be let go. */
  readonly onCrowdedOut: (direction: Direction) => void;
};

/** What a direction is made of. */
export type DirectionParts = {
  readonly party: Party;
  readonly source: Wire;
  readonly outlet: Outlet;
  readonly cursor: FrameCursor;
  /** Shared by every direction of a thread. */
  readonly reading: Reading;
  readonly clock: Clock;
  readonly queueBytes: number;
  /** Shared with other connections. */
  readonly tally: FlowTally;
  readonly pool: QueuePool;
  readonly conductor: Conductor;
};

/** One direction of a connection: what is read from `party` goes to the other peer, judged frame by frame. */
export class Direction implements WireOwner, Queue {
  readonly party: Party;
  readonly to: Party;
  readonly source: Wire;
  readonly outlet: Outlet;
  readonly #parts: DirectionParts;
  #bytes = 0;
  #queuedPeak = 0;
  /** What the tally was told of the bytes that wait. */
  #queued = 0;
  /** Whether the bytes of the present read stay as they are. */
  #kept = false;
  /** When a byte was last read, and last passed on; monotonic ms. */
  readMs: number;
  passedMs: number;
  /** The Close that went this way, forwarded or ours; nothing follows it. */
  closed: CloseWords | null = null;
  /** The Close that was read. */
  received: CloseWords | null = null;
  /** When the first Ping of the source passed that no Pong has answered since; null when none is owed. */
  pongOwedSinceMs: number | null = null;
  /** What is read is dropped: after a Close or FIN of ours. */
  muted = false;
  /** The source broke the protocol; its Close will not be recognised. */
  deaf = false;
  /** The source ended inside a frame. */
  truncated = false;
  #ended = false;
  #gone = false;
  #closeAfterFrame: CloseWords | null = null;
  #pingAfterFrame: Uint8Array | null = null;

  constructor(parts: DirectionParts) {
    this.#parts = parts;
    this.party = parts.party;
    this.to = parts.party === "client" ? "backend" : "client";
    this.source = parts.source;
    this.outlet = parts.outlet;
    this.readMs = parts.clock.monotonicMs();
    this.passedMs = this.readMs;
  }

  onBytes(bytes: Uint8Array, length: number, shared: boolean): void {
    const { reading, clock, queueBytes, pool, tally, cursor } = this.#parts;
    const bytesBefore = this.#bytes - heldBytes(cursor);
    const framesBefore = framesOf(cursor);
    const messagesBefore = messagesOf(cursor);
    reading.nowMs = clock.monotonicMs();
    reading.bytes = bytes;
    this.readMs = reading.nowMs;
    this.#bytes += length;
    this.#kept = !shared;
    this.#follow(length);
    // Not what is held: it may turn out to be an answer to a Ping of ours, and a total never falls.
    tally.bytes += this.#bytes - heldBytes(cursor) - bytesBefore;
    tally.frames += framesOf(cursor) - framesBefore;
    tally.messages += messagesOf(cursor) - messagesBefore;
    this.outlet.flush();
    const waiting = this.#noteQueued();
    if (waiting === 0) return;
    if (waiting > this.#queuedPeak) this.#queuedPeak = waiting;
    if (waiting > pool.allowance(queueBytes) && !this.muted) this.source.pause();
  }

  /** The outlet's peer has taken what it was given. */
  onOutletTaken(): void {
    this.outlet.onTaken();
    this.#noteQueued();
    if (this.source.paused) this.resumeUnlessFull();
  }

  /** Reads, unless more waits than may. */
  resumeUnlessFull(): void {
    const { pool, queueBytes } = this.#parts;
    if (this.muted || this.outlet.waitingBytes <= pool.allowance(queueBytes)) this.source.resume();
  }

  onTaken(): void {
    this.#parts.conductor.onSourceTaken(this);
  }

  onEnd(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.truncated = !this.muted && positionOf(this.#parts.cursor) !== "boundary";
    this.#parts.conductor.onSourceEnd(this);
  }

  onClosed(): void {
    if (this.#gone) return;
    if (this.source.eof) this.onEnd();
    else this.truncated = !this.muted && positionOf(this.#parts.cursor) !== "boundary";
    this.#gone = true;
    this.#parts.conductor.onSourceClosed(this);
  }

  /** True while the last byte that went this way is inside a frame: nothing may be said between. */
  get insideFrame(): boolean {
    return !this.muted && positionOf(this.#parts.cursor) === "payload";
  }

  /** Says Close at the next boundary: now, or after the frame that is under way. Does nothing after a Close, or to a peer that is gone. */
  close(words: CloseWords): void {
    if (this.muted || this.#closeAfterFrame !== null || !this.outlet.wire.writable) return;
    if (this.insideFrame) this.#closeAfterFrame = words;
    else this.#sayClose(words);
    this.outlet.flush();
    this.#noteQueued();
  }

  /** Sends a Ping of ours at the next boundary. */
  ping(frame: Uint8Array): void {
    if (this.muted) return;
    if (this.insideFrame) this.#pingAfterFrame = frame;
    else this.outlet.inject(frame);
    this.outlet.flush();
    this.#noteQueued();
  }

  /** Drops what is read from now on, and reads without regard to the outlet. */
  mute(): void {
    this.muted = true;
    this.#closeAfterFrame = null;
    this.#pingAfterFrame = null;
    if (this.source.paused) this.source.resume();
  }

  /** Brings the tally up to date at the end, after which nothing is read. */
  settle(): void {
    const { tally, cursor } = this.#parts;
    tally.bytes += heldBytes(cursor);
    tally.queuedBytes -= this.#queued;
    this.#queued = 0;
    this.#parts.pool.note(this, 0);
  }

  /** Has the connection cut. */
  letGo(): void {
    this.#parts.conductor.onCrowdedOut(this);
  }

  /** Totals since the start. */
  flow(): Flow {
    return {
      bytes: this.#bytes,
      ...countsOf(this.#parts.cursor),
      queuedBytes: this.outlet.waitingBytes,
      queuedPeak: this.#queuedPeak,
      undeliveredBytes: this.outlet.undeliveredBytes + (this.truncated ? heldBytes(this.#parts.cursor) : 0),
    };
  }

  #noteQueued(): number {
    const waiting = this.outlet.waitingBytes;
    if (waiting !== this.#queued) {
      this.#parts.tally.queuedBytes += waiting - this.#queued;
      this.#queued = waiting;
      this.#parts.pool.note(this, waiting);
    }
    return waiting;
  }

  #follow(length: number): void {
    const { reading, cursor } = this.#parts;
    for (let at = 0; at < length; at = reading.from) {
      const waits = this.#closeAfterFrame !== null || this.#pingAfterFrame !== null;
      reading.from = at;
      reading.to = waits ? Math.min(length, at + bytesToBoundary(cursor)) : length;
      this.#take(step(cursor, reading));
      if (waits && !this.insideFrame) this.#speak();
    }
  }

  #take(outcome: Outcome): void {
    const { reading, cursor } = this.#parts;
    if (outcome === "pass" && !this.muted) {
      if (reading.held > 0) this.outlet.put(cursor.hold, cursor.holdBase, cursor.holdBase + reading.held);
      this.outlet.put(reading.bytes, reading.runFrom, reading.runTo, this.#kept);
      this.passedMs = reading.nowMs;
    } else if (outcome === "control") {
      this.#takeControl(heldOf(cursor, reading));
    } else if (outcome === "violation") {
      this.deaf = true;
      const violation = violationOf(cursor);
      if (violation !== null && !this.muted) this.#parts.conductor.onViolation(this, violation);
    }
  }

  #takeControl(frame: Uint8Array): void {
    const { reading, cursor, conductor } = this.#parts;
    if (reading.opcode === OPCODE.close) {
      this.#takeClose(frame);
      return;
    }
    if (reading.opcode === OPCODE.pong && conductor.isOurPong(this, frame)) {
      discount(cursor);
      this.#bytes -= frame.length;
      return;
    }
    if (this.muted) return;
    if (reading.opcode === OPCODE.ping) this.pongOwedSinceMs ??= reading.nowMs;
    this.#pass(frame);
  }

  #takeClose(frame: Uint8Array): void {
    const { conductor } = this.#parts;
    this.received = readClose(frame);
    if (!this.muted && conductor.passesClose(this)) {
      this.#pass(frame);
      this.closed = this.received;
      this.mute();
    }
    conductor.onClose(this);
  }

  #pass(frame: Uint8Array): void {
    this.outlet.put(frame, 0, frame.length);
    this.passedMs = this.#parts.reading.nowMs;
  }

  /** What waited for the end of a frame. A Close makes the Ping needless. */
  #speak(): void {
    const ping = this.#pingAfterFrame;
    const words = this.#closeAfterFrame;
    this.#pingAfterFrame = null;
    if (words !== null) this.#sayClose(words);
    else if (ping !== null) this.outlet.inject(ping);
  }

  #sayClose(words: CloseWords): void {
    this.outlet.inject(encodeClose(this.to, words));
    this.closed = words;
    this.mute();
    this.#parts.conductor.onClosePassed(this);
  }
}
