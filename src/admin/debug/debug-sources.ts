import type { Clock, Log } from "../../base/ports.ts";
import type { ProblemSource } from "../../control.ts";
import type { LiveTable } from "../../proxy/listen/live-table.ts";
import type { Connections } from "../../proxy/relay/connections.ts";
import type { Relay } from "../../proxy/relay/relay.ts";

/** What the pages of /debug look at. */
export type DebugSources = {
  readonly live: LiveTable;
  readonly connections: Connections;
  readonly relay: Pick<Relay, "inspect" | "requestClose" | "cut">;
  readonly problems: ProblemSource;
  readonly log: Log;
  readonly clock: Clock;
  /** Lets the event loop turn. */
  readonly turn: () => Promise<void>;
};
