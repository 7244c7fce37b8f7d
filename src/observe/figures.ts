import type { KindFigures } from "../base/cluster-figures.ts";
import type { Both } from "../base/endings.ts";
import type { FlowTally } from "../base/flow-tally.ts";
import type { MemoryLevel, MemoryUse } from "../base/memory.ts";
import { REASONS, type Reason } from "../base/problem.ts";
import type { Outcomes } from "./outcomes.ts";
import type { ProcessFigures } from "./process-figures.ts";
import type { RouteAccount } from "./route-ledger.ts";
import type { SpanFigures } from "./span-queue.ts";

/** The tables that are swapped separately. */
export const TABLE_NAMES = ["routing", "endpoints", "certificates"] as const;

/** The limits of what may be open at a time. */
export const RESOURCES = ["websockets", "connections", "tls_handshakes", "pending_requests"] as const;

/** Why something that was written is not honoured; `InvalidManifest` for a file or object that cannot be read at all. */
export const PROBLEM_REASONS = [...(Object.keys(REASONS) as Reason[]), "InvalidManifest"] as const;

/** When a certificate that TLS clients are shown ends. */
export type CertificateFigure = {
  /** The server name or wildcard that it is shown for; `*` for every name without one of its own. */
  readonly host: string;
  /** `namespace/name` of its Secret; empty for the one that was made at start. */
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly notAfterMs: number;
};

/** What the parts of one Fairlead have counted, at one moment. Totals are since its start. */
export type Figures = {
  readonly version: string;
  /** The first full table is in use, and no signal has come. */
  readonly ready: boolean;
  readonly connections: {
    readonly open: number;
    readonly closing: number;
    readonly total: number;
    readonly unclean: number;
    readonly strays: number;
  };
  readonly inFlight: { readonly handshakes: number; readonly requests: number };
  /** What was read from each party. */
  readonly relayed: Both<Readonly<FlowTally>>;
  readonly outcomes: Outcomes;
  /** Which routes there are is of this moment; what is counted of each is read when it is written. */
  readonly routes: readonly RouteAccount[];
  readonly table: { readonly routes: number; readonly problems: ReadonlyMap<string, number> };
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
  /** How the reading of each kind of a cluster stands; empty for a directory. */
  readonly kinds: readonly KindFigures[];
  /** Since each table was last swapped; null before its first. */
  readonly ages: Readonly<Record<(typeof TABLE_NAMES)[number], number | null>>;
  /** How often each table was swapped. */
  readonly swaps: Readonly<Record<(typeof TABLE_NAMES)[number], number>>;
  readonly certificates: readonly CertificateFigure[];
  /** Lines of the log that nobody can read: left out by limits, and lost because their reader did not keep up. */
  readonly log: { readonly leftOut: number; readonly lost: number };
  /** What became of the spans of handshakes; 0 where nothing is traced. */
  readonly spans: SpanFigures;
  readonly process: ProcessFigures;
  /** Of the scrape that asks. */
  readonly scrape: {
    /** Series that were left out of it up to now. */
    readonly omitted: number;
    /** Scrapes that were refused since the start. */
    readonly refused: number;
  };
};
