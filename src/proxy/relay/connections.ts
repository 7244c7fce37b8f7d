import type { RelayedReport, ReportHead } from "../../base/report.ts";
import type { DrainSettings, Timeouts } from "../../table/routing-table.ts";
import type { RelayEnd, RelayId } from "./relay.ts";

/** What is known of a connection when its 101 is written. */
export type OpenedConnection = {
  readonly head: ReportHead;
  readonly subprotocol: string | null;
  /** The rule that it came by, as it was then. */
  readonly route: {
    readonly forward: { readonly drain: DrainSettings; readonly timeouts: Pick<Timeouts, "closeMs"> };
  };
  /** Gives back what its gates took; called once, at its end. */
  readonly release: () => void;
};

/** A connection in the registry. Its settings are those of its handshake: a changed table does not reach it. */
export type Connection = {
  readonly head: ReportHead;
  readonly subprotocol: string | null;
  readonly drain: DrainSettings;
  readonly closeMs: number;
  readonly release: () => void;
};

/** Who is told of openings and ends, after the registry has changed. */
export type ConnectionsWatcher = {
  readonly opened: (id: RelayId) => void;
  readonly ended: (end: RelayEnd) => void;
};

/** Figures for /healthz and metrics. */
export type ConnectionCounts = {
  readonly open: number;
  /** Of the open ones, those that were asked to close. */
  readonly closing: number;
  /** Opened since the start. */
  readonly total: number;
  /** Ended with bytes undelivered, by reset or by force. */
  readonly unclean: number;
  /** Ends of connections that were not open, and openings of ids that were; above zero something is wrong. */
  readonly strays: number;
};

/** Every relayed WebSocket of this process, from its 101 to its one report. */
export type Connections = {
  /** Enters a connection; call it in the turn in which the relay was started. */
  readonly opened: (id: RelayId, opened: OpenedConnection) => void;
  /** The relay's `ended`: releases what the gates took, and reports. Only the first end of an id counts. */
  readonly ended: (end: RelayEnd) => void;
  /** Notes that a connection was asked to close; unknown ids are ignored. */
  readonly closing: (id: RelayId) => void;
  readonly isClosing: (id: RelayId) => boolean;
  readonly get: (id: RelayId) => Connection | undefined;
  readonly entries: () => Iterable<readonly [RelayId, Connection]>;
  /** True from `limit` open connections on: no handshake may begin. Those that have begun may still be opened. */
  readonly isFull: () => boolean;
  readonly counts: () => ConnectionCounts;
  /** Calls the watcher until the returned function is called. */
  readonly watch: (watcher: ConnectionsWatcher) => () => void;
};

/** An empty registry. `report` is called exactly once for each connection that was opened. */
export function createConnections(limit: number, report: (report: RelayedReport) => void): Connections {
  const open = new Map<RelayId, Connection>();
  const closing = new Set<RelayId>();
  const watchers = new Set<ConnectionsWatcher>();
  const counts = { total: 0, unclean: 0, strays: 0 };
  return {
    opened: (id, opened) => {
      if (open.has(id)) {
        counts.strays += 1;
        return opened.release();
      }
      open.set(id, keep(opened));
      counts.total += 1;
      for (const watcher of watchers) watcher.opened(id);
    },
    ended: (end) => {
      const connection = open.get(end.id);
      if (connection === undefined) {
        counts.strays += 1;
        return;
      }
      open.delete(end.id);
      closing.delete(end.id);
      if (!end.clean) counts.unclean += 1;
      try {
        connection.release();
      } finally {
        report(toReport(connection, end));
        for (const watcher of watchers) watcher.ended(end);
      }
    },
    closing: (id) => {
      if (open.has(id)) closing.add(id);
    },
    isClosing: (id) => closing.has(id),
    get: (id) => open.get(id),
    entries: () => open.entries(),
    isFull: () => open.size >= limit,
    counts: () => ({ open: open.size, closing: closing.size, ...counts }),
    watch: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** The handshake's headers and the rule are let go: a connection may live for days. */
function keep({ head, subprotocol, route, release }: OpenedConnection): Connection {
  const { drain, timeouts } = route.forward;
  return { head, subprotocol, drain, closeMs: timeouts.closeMs, release };
}

function toReport({ head, subprotocol }: Connection, end: RelayEnd): RelayedReport {
  const { cause, by, clean, durationMs, from, sides, detail } = end;
  return { ...head, outcome: "relayed", status: 101, subprotocol, cause, by, clean, durationMs, from, sides, detail };
}
