import type { Party } from "../../base/endings.ts";
import type { Clock, Timer } from "../../base/ports.ts";
import type { PeerFacts, Side } from "./relay.ts";
import type { Wire, WireOwner } from "./wire.ts";

/** What a Side hands to the pair that relays. */
export type Surrendered = { readonly wire: Wire; readonly early: readonly Uint8Array[] };

type Reader = { readonly resolve: (bytes: Uint8Array | null) => void; readonly reject: (error: Error) => void };

/** A peer before the 101: holds its early bytes, and is given up to the relay or closed, once. */
export class HeldSide implements Side, WireOwner {
  readonly party: Party;
  readonly facts: PeerFacts;
  readonly #held: number;
  readonly #clock: Clock;
  #wire: Wire | null = null;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #reader: Reader | null = null;
  #writers: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  /** Made when somebody asks, which nobody does for most sides: a signal costs as much as a Side. */
  #gone: AbortController | null = null;
  #given = false;
  #left = false;
  #linger: Timer | null = null;

  constructor(party: Party, facts: PeerFacts, held: number, clock: Clock) {
    this.party = party;
    this.facts = facts;
    this.#held = held;
    this.#clock = clock;
  }

  /** Joins the wire, whose owner this is; once, before anything else. */
  attach(wire: Wire): void {
    this.#wire = wire;
    if (wire.stream.destroyed) this.onClosed();
    else wire.resume();
  }

  get gone(): AbortSignal {
    if (this.#gone === null) {
      this.#gone = new AbortController();
      if (this.#left) this.#gone.abort();
    }
    return this.#gone.signal;
  }

  read(): Promise<Uint8Array | null> {
    const next = this.#early.shift();
    if (next !== undefined) {
      this.#earlyBytes -= next.length;
      if (this.#earlyBytes < this.#held) this.#wire?.resume();
      return Promise.resolve(next);
    }
    const wire = this.#openWire();
    if (wire.eof) return Promise.resolve(null);
    if (wire.closed) return Promise.reject(goneError(wire));
    if (this.#reader !== null) return Promise.reject(new Error("one read at a time"));
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#early.unshift(bytes);
    this.#earlyBytes += bytes.length;
    this.#limit();
  }

  write(bytes: Uint8Array): Promise<void> {
    const wire = this.#openWire();
    wire.write(bytes);
    if (!wire.writable) return Promise.reject(goneError(wire));
    if (wire.pendingBytes === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#writers.push({ resolve, reject });
    });
  }

  close(how: "fin" | "reset", lingerMs: number): void {
    if (this.#given) return;
    const wire = this.#openWire();
    this.#given = true;
    this.#early = [];
    if (how === "reset") {
      wire.reset();
      return;
    }
    wire.end();
    wire.resume();
    if (!wire.closed) this.#linger = this.#clock.after(lingerMs, () => wire.destroy());
  }

  /** Ends this Side's life: the relay drives the wire from now on, and owns the early bytes. */
  surrender(): Surrendered {
    if (this.#given) throw new Error("a Side is consumed once");
    this.#given = true;
    const early = this.#early;
    this.#early = [];
    return { wire: this.#openWire(), early };
  }

  onBytes(bytes: Uint8Array, length: number, shared: boolean): void {
    if (this.#given) return;
    const read = bytes.subarray(0, length);
    const own = shared ? Buffer.from(read) : read;
    const reader = this.#reader;
    if (reader !== null) {
      this.#reader = null;
      reader.resolve(own);
      return;
    }
    this.#early.push(own);
    this.#earlyBytes += length;
    this.#limit();
  }

  onEnd(): void {
    this.#reader?.resolve(null);
    this.#reader = null;
    this.#leave();
  }

  onTaken(): void {
    const writers = this.#writers;
    if (writers.length === 0) return;
    this.#writers = [];
    const wire = this.#openWire();
    for (const writer of writers) {
      if (wire.writeErrno === null && !wire.stream.destroyed) writer.resolve();
      else writer.reject(goneError(wire));
    }
  }

  onClosed(): void {
    const wire = this.#openWire();
    this.#linger?.stop();
    this.#reader?.reject(goneError(wire));
    this.#reader = null;
    for (const writer of this.#writers) writer.reject(goneError(wire));
    this.#writers = [];
    this.#leave();
  }

  #leave(): void {
    if (this.#given) return;
    this.#left = true;
    this.#gone?.abort();
  }

  #limit(): void {
    if (this.#earlyBytes >= this.#held) this.#wire?.pause();
  }

  #openWire(): Wire {
    if (this.#wire === null) throw new Error("this Side has no connection");
    return this.#wire;
  }
}

function goneError(wire: Wire): Error {
  const errno = wire.writeErrno ?? wire.errno ?? "ECONNRESET";
  return Object.assign(new Error(`the connection is gone: ${errno}`), { code: errno });
}
