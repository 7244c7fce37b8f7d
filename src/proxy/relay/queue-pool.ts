/** Somebody for whom bytes wait: letting it go means cutting its connection. */
export type Queue = { readonly letGo: () => void };

/**
 * What waits for slow readers over all connections of a relay, and its bound. One reader is bounded by itself; this is for
 * many who stop at the same time, which fills memory faster than it can be looked at.
 */
export class QueuePool {
  readonly #limitBytes: number;
  /** What waits for each, those first who have been waited for longest. */
  readonly #waiting = new Map<Queue, number>();
  #bytes = 0;
  #relieving = false;

  /** A pool for so many bytes; Infinity is no bound. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes that wait, those of queues that were let go not counted. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What may wait for one before its peer is read no more: `each`, or nothing while half of the pool is full. */
  allowance(each: number): number {
    return this.#bytes > this.#limitBytes / 2 ? 0 : each;
  }

  /** Notes what waits for one now; 0 forgets it. Over the bound, those are let go that have been waited for longest. */
  note(queue: Queue, bytes: number): void {
    const before = this.#waiting.get(queue);
    if (bytes === 0) this.#waiting.delete(queue);
    else this.#waiting.set(queue, bytes);
    this.#bytes += bytes - (before ?? 0);
    if (this.#bytes <= this.#limitBytes || this.#relieving) return;
    this.#relieving = true;
    // Not from within a read: another connection's, or this one's, is under way.
    queueMicrotask(() => this.#relieve());
  }

  #relieve(): void {
    this.#relieving = false;
    for (const [queue, bytes] of this.#waiting) {
      if (this.#bytes <= this.#limitBytes) return;
      // Its bytes are as good as gone, though it is told of that later.
      this.#waiting.delete(queue);
      this.#bytes -= bytes;
      queue.letGo();
    }
  }
}
