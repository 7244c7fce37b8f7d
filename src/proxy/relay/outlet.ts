import type { Wire } from "./wire.ts";

/** The largest read that one slab takes, with the frames of ours that may join it. */
const SLAB_BYTES = 64 * 1024 + 512;
const FIRST_QUEUE_BYTES = 2048;
/** Below this, a copy costs less than a write of its own. */
const WORTH_KEEPING_BYTES = 4096;

/** How much memory is kept for the next writes; what more was needed for a time is let go. */
const MOST_SPARE = 64;

/** Memory, and how many outlets have a write in it that is under way. */
type Memory = { readonly bytes: Buffer; writes: number };

/** Memory in which the output of one read is put together; shared by every outlet of a relay. */
export class WriteSlab {
  #memory: Memory = { bytes: Buffer.allocUnsafeSlow(SLAB_BYTES), writes: 0 };
  readonly #spare: Memory[] = [];
  /** What is put together now: [from, to). Bytes before `from` belong to writes under way. */
  from = 0;
  to = 0;
  user: Outlet | null = null;

  /** Makes room for `length` bytes behind what is being put together, which is empty if this returns fresh memory. */
  fits(length: number): boolean {
    if (this.to + length <= SLAB_BYTES) return true;
    if (this.from !== this.to || length > SLAB_BYTES) return false;
    this.#memory = this.#spare.pop() ?? { bytes: Buffer.allocUnsafeSlow(SLAB_BYTES), writes: 0 };
    this.from = 0;
    this.to = 0;
    return true;
  }

  get bytes(): Buffer {
    return this.#memory.bytes;
  }

  /** Leaves the memory of a write that is under way as it is, until it is given back. */
  lend(): Memory {
    this.#memory.writes += 1;
    return this.#memory;
  }

  /** The write has ended. Memory is used again: every write over TLS is under way for a turn, and new memory costs more than the copy into it. */
  giveBack(memory: Memory): void {
    memory.writes -= 1;
    if (memory.writes > 0) return;
    if (memory !== this.#memory) {
      if (this.#spare.length < MOST_SPARE) this.#spare.push(memory);
    } else if (this.user === null) {
      this.from = 0;
      this.to = 0;
    }
  }
}

/**
 * What goes to one peer, in order: one write for all that one read brings, and while the peer's socket is busy a queue
 * of our own, joined into one write when it is free again.
 */
export class Outlet {
  readonly wire: Wire;
  readonly #slab: WriteSlab;
  #lent: Memory | null = null;
  #queue: Buffer | null = null;
  #queued = 0;
  /** Bytes of ours at the very end of what was put: they are nobody's undelivered bytes. */
  #trailing = 0;
  #refused = 0;
  #then: "nothing" | "fin" | "reset" = "nothing";

  constructor(wire: Wire, slab: WriteSlab) {
    this.wire = wire;
    this.#slab = slab;
  }

  /** Bytes of the other peer. They are copied, unless they are `kept`: nobody writes to their memory again. */
  put(bytes: Uint8Array, from: number, to: number, kept = false): void {
    if (to <= from) return;
    this.#trailing = 0;
    if (kept && to - from >= WORTH_KEEPING_BYTES && this.#isFree()) this.wire.write(bytes.subarray(from, to));
    else this.#append(bytes, from, to);
  }

  /** A frame of ours, or the 101. It is copied. */
  inject(bytes: Uint8Array): void {
    this.#append(bytes, 0, bytes.length);
    this.#trailing += bytes.length;
  }

  /** Writes what was put. To be called before anything else happens, since the memory is shared. */
  flush(): void {
    const slab = this.#slab;
    if (slab.user !== this) return;
    slab.user = null;
    const { from, to } = slab;
    slab.to = from;
    this.wire.write(slab.bytes.subarray(from, to));
    if (this.wire.pendingBytes > 0) {
      slab.from = to;
      slab.to = to;
      this.#lent = slab.lend();
    }
  }

  /** FIN after everything that was put. */
  thenEnd(): void {
    this.flush();
    if (this.#then === "nothing") this.#then = "fin";
    this.#finish();
  }

  /** RST after everything that was put was taken by the system. */
  thenReset(): void {
    this.flush();
    this.#then = "reset";
    this.#finish();
  }

  /** The wire has taken, or refused, what it was given. */
  onTaken(): void {
    if (this.#lent !== null) this.#slab.giveBack(this.#lent);
    this.#lent = null;
    const queue = this.#queue;
    if (queue !== null) {
      this.#queue = null;
      const length = this.#queued;
      this.#queued = 0;
      this.wire.write(queue.subarray(0, length));
    }
    this.#finish();
  }

  /** True once a FIN or RST was asked for. */
  get ending(): boolean {
    return this.#then !== "nothing";
  }

  /** Bytes that wait, in user space, to be taken by the system. */
  get waitingBytes(): number {
    return this.wire.pendingBytes + this.#queued;
  }

  /** Grows with every byte that the system takes. */
  get progress(): number {
    return this.wire.handedBytes - this.wire.unsentBytes;
  }

  /** Bytes of the other peer that this one never accepted. */
  get undeliveredBytes(): number {
    const { handedBytes, takenBytes } = this.wire;
    return Math.max(0, handedBytes - takenBytes + this.#queued + this.#refused - this.#trailing);
  }

  /** Writes what was put together; true if the wire took all of it and can take more. */
  #isFree(): boolean {
    this.flush();
    return this.wire.writable && this.#queue === null && this.wire.pendingBytes === 0;
  }

  #append(bytes: Uint8Array, from: number, to: number): void {
    if (!this.wire.writable) {
      this.#refused += to - from;
      return;
    }
    if (this.#queue !== null || this.wire.pendingBytes > 0) {
      this.#enqueue(bytes, from, to);
      return;
    }
    const slab = this.#slab;
    if (slab.user !== this) slab.user?.flush();
    if (!slab.fits(to - from)) {
      this.flush();
      this.#appendInParts(bytes, from, to);
      return;
    }
    slab.user = this;
    slab.bytes.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), slab.to);
    slab.to += to - from;
  }

  /** After a flush the slab is empty, and a slab's worth fits. */
  #appendInParts(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at += SLAB_BYTES) this.#append(bytes, at, Math.min(to, at + SLAB_BYTES));
  }

  #enqueue(bytes: Uint8Array, from: number, to: number): void {
    const needed = this.#queued + to - from;
    let queue = this.#queue;
    if (queue === null || queue.length < needed) {
      queue = Buffer.allocUnsafeSlow(Math.max(FIRST_QUEUE_BYTES, needed, (queue?.length ?? 0) * 2));
      if (this.#queue !== null) this.#queue.copy(queue, 0, 0, this.#queued);
      this.#queue = queue;
    }
    queue.set(bytes.subarray(from, to), this.#queued);
    this.#queued = needed;
  }

  #finish(): void {
    if (this.#then === "nothing" || this.waitingBytes > 0) return;
    if (this.#then === "reset") this.wire.reset();
    else this.wire.end();
  }
}
