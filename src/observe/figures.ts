import type { Both, Flow } from "../base/endings.ts";
import type { MemoryLevel, MemoryUse } from "../base/memory.ts";
import type { Outcomes } from "./outcomes.ts";

/** The tables that are swapped separately. */
export const TABLE_NAMES = ["routing", "endpoints", "certificates"] as const;

/** The limits of what may be open at a time. */
export const RESOURCES = ["websockets", "connections", "tls_handshakes", "pending_requests"] as const;

/** What the parts of one Fairlead have counted, at one moment. Totals are since its start. */
export type Figures = {
  /** The first full table is in use, and no signal has come. */
  readonly ready: boolean;
  readonly connections: {
    readonly open: number;
    readonly closing: number;
    readonly total: number;
    readonly unclean: number;
  };
  readonly inFlight: { readonly handshakes: number; readonly requests: number };
  /** What was read from each party. */
  readonly relayed: Both<Flow>;
  readonly outcomes: Outcomes;
  /** `ageMs` is null before the first table. */
  readonly table: { readonly routes: number; readonly problems: number; readonly ageMs: number | null };
  /** How near its limits the process is. */
  readonly overload: {
    readonly limits: {
      readonly webSockets: number;
      readonly clients: number;
      readonly tlsHandshakes: number;
      readonly pending: number;
    };
    readonly door: { readonly open: number; readonly silent: number; readonly tlsHandshakes: number };
    readonly pending: number;
    readonly memory: { readonly level: MemoryLevel; readonly uses: readonly MemoryUse[] };
  };
  /** How often each table was swapped. */
  readonly swaps: Readonly<Record<(typeof TABLE_NAMES)[number], number>>;
  /** Lines of the log that nobody can read: left out by limits, and lost because their reader did not keep up. */
  readonly log: { readonly leftOut: number; readonly lost: number };
  readonly process: { readonly cpuMs: number; readonly residentBytes: number; readonly startedAtMs: number };
};
