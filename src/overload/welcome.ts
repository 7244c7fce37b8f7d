import { ProxyError } from "../base/failures.ts";
import type { MemoryLevel } from "../base/memory.ts";
import type { Clock } from "../base/ports.ts";
import { createTokenBucket } from "./token-bucket.ts";

/** Decides, before anything of a request is looked up, whether this replica takes it on. */
export type Welcome = {
  /** For a WebSocket handshake; throws Draining, OutOfMemory, TooManyConnections or TooManyHandshakes. */
  readonly handshake: () => void;
  /** For a plain request; throws Draining, or OutOfMemory when even open connections are being closed. */
  readonly request: () => void;
};

/** What the decision depends on. */
export type WelcomeParts = {
  readonly clock: Clock;
  readonly isDraining: () => boolean;
  readonly isFull: () => boolean;
  readonly memory: () => MemoryLevel;
  /** 0 is no limit. */
  readonly handshakesPerSecond: number;
};

/** How many seconds' worth of handshakes may come at once. */
const BURST_SECONDS = 2;

/** Makes the decisions for one replica. */
export function createWelcome(parts: WelcomeParts): Welcome {
  const { handshakesPerSecond: rate } = parts;
  const bucket = createTokenBucket(parts.clock, rate, rate * BURST_SECONDS);
  const requireOpen = (): void => {
    if (parts.isDraining()) throw new ProxyError("Draining", "this replica accepts nothing more");
  };
  return {
    handshake: () => {
      requireOpen();
      if (parts.memory() !== "normal") throw new ProxyError("OutOfMemory", "memory is kept for open connections");
      if (parts.isFull()) throw new ProxyError("TooManyConnections", "--max-connections are open");
      // Last, so that who is refused for another reason does not use up what others may have.
      if (!bucket.take())
        throw new ProxyError("TooManyHandshakes", `over ${rate} a second (--max-handshakes-per-second)`);
    },
    request: () => {
      requireOpen();
      if (parts.memory() === "shedding") throw new ProxyError("OutOfMemory", "memory is kept for open connections");
    },
  };
}
