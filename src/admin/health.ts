import type { KindFigures } from "../base/cluster-figures.ts";
import type { OverloadFigures } from "../overload-plane.ts";

/** What the process says of itself; read afresh for each request. */
export type Health = {
  /** `starting` until the first full table is published; `draining` from the first signal on. */
  readonly phase: "starting" | "ready" | "draining";
  readonly uptimeMs: number;
  readonly connections: {
    /** Relayed WebSockets that are open. */
    readonly open: number;
    /** Of those, the ones to which goodbye has been said. */
    readonly closing: number;
    /** Handshakes between request head and 101. */
    readonly handshaking: number;
    /** WebSockets relayed since the start. */
    readonly total: number;
  };
  readonly table: {
    readonly routes: number;
    readonly problems: number;
    /** Since the last swap; null before the first. */
    readonly ageMs: number | null;
  };
  readonly overload: OverloadFigures;
  /** How the reading of each kind of a cluster stands; empty for a directory. */
  readonly kinds: readonly KindFigures[];
};
