import type { Both, Cause, CloseWords, Party } from "../../base/endings.ts";
import type { Clock } from "../../base/ports.ts";
import type { CursorPages } from "./cursor-cells.ts";
import type { Direction } from "./direction.ts";
import type { Reading } from "./frame-cursor.ts";
import type { WriteSlab } from "./outlet.ts";
import type { PingWatch } from "./ping-watch.ts";
import type { QueuePool } from "./queue-pool.ts";
import type { RelayId, RelaySettings } from "./relay.ts";
import type { StallWatch } from "./stall-watch.ts";

/** What the connections of one relay thread share. */
export type PairParts = {
  readonly clock: Clock;
  readonly pages: CursorPages;
  readonly reading: Reading;
  readonly slab: WriteSlab;
  readonly pool: QueuePool;
  readonly random: () => number;
  /** Asks for a look at the pair at this time, monotonic ms, or sooner. */
  readonly lookBy: (pair: PairState, dueMs: number) => void;
  /** Both connections are gone; called once. */
  readonly finished: (pair: PairState) => void;
};

/** Why a connection ends, from its first sign until both peers are gone. */
export type Closing = {
  readonly cause: Cause;
  readonly by: Party | "proxy";
  readonly detail: string | null;
  /** What the peers are told, where the relay says Close itself; null when they end it between themselves. */
  readonly words: Both<CloseWords> | null;
  /** Until then the client may finish what it says, and the backend may be the first to FIN; Infinity once over. */
  patienceMs: number;
  deadlineMs: number;
};

/** What is known of two peers that are joined. */
export type PairState = {
  readonly id: RelayId;
  readonly settings: RelaySettings;
  readonly parts: PairParts;
  readonly startedMs: number;
  /** The directions by their source. */
  readonly from: Both<Direction>;
  /** By the peer that is pinged, or that takes too long to accept bytes. */
  readonly pings: Both<PingWatch>;
  readonly stalls: Both<StallWatch>;
  closing: Closing | null;
  /** Peers that were still connected when closeMs was over. */
  readonly overdue: Set<Party>;
};
