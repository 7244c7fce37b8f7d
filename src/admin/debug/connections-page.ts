import type { Connection } from "../../proxy/relay/connections.ts";
import type { RelayId } from "../../proxy/relay/relay.ts";
import { createFilter, type LiveConnection } from "./connection-filter.ts";
import { type ConnectionRow, toRow } from "./connection-row.ts";
import type { DebugSources } from "./debug-sources.ts";
import type { ParamValues } from "./params.ts";

/** Connections that are looked at between two turns of the event loop. */
const PER_TURN = 250;

/** The connections that match, and how many there are beyond those that are shown. */
export type FoundConnections = {
  readonly open: number;
  readonly matched: number;
  /** Each is made when it is written. */
  readonly rows: Iterable<ConnectionRow>;
};

/** Looks at every open connection, some at a time, so that relaying goes on meanwhile. What opens or ends meanwhile may be missed. */
export async function findConnections(
  { connections, relay, turn }: Pick<DebugSources, "connections" | "relay" | "turn">,
  values: ParamValues,
): Promise<FoundConnections> {
  const { wants, wantsLive, compare, limit } = createFilter(values);
  let first: LiveConnection[] = [];
  let matched = 0;
  for (const batch of batchesOf(connections.entries(), PER_TURN)) {
    const wanted = new Map(batch.filter(([, connection]) => wants(connection)));
    for (const live of wanted.size === 0 ? [] : await relay.inspect([...wanted.keys()])) {
      const connection = wanted.get(live.id);
      if (connection === undefined || !wantsLive(live)) continue;
      matched += 1;
      first.push({ connection, live });
    }
    if (first.length > 2 * limit) first = first.toSorted(compare).slice(0, limit);
    await turn();
  }
  const shown = first.toSorted(compare).slice(0, limit);
  const rows = shown.values().map(({ connection, live }) => toRow(live, connection));
  return { open: connections.counts().open, matched, rows };
}

/** Connections come and go between two turns: the iterator of a Map goes on where it was. */
function* batchesOf(
  entries: Iterable<readonly [RelayId, Connection]>,
  size: number,
): Generator<readonly (readonly [RelayId, Connection])[], void> {
  let batch: (readonly [RelayId, Connection])[] = [];
  for (const entry of entries) {
    batch.push(entry);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
