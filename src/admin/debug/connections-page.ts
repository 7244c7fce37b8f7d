import { BlockList, isIPv6 } from "node:net";
import { parseDuration } from "../../base/duration.ts";
import type { RuleName } from "../../base/report.ts";
import { type ParsedValue, parseChoice, parseCidr, parseInteger } from "../../config/parse-values.ts";
import type { Connection } from "../../proxy/relay/connections.ts";
import type { RelayId, RelayLive } from "../../proxy/relay/relay.ts";
import type { DebugSources } from "./debug-sources.ts";
import { type Param, type ParamValues, parseText } from "./params.ts";

/** One open WebSocket, as /debug/connections shows it. Times in seconds, sizes in bytes. */
export type ConnectionRow = {
  /** What DELETE takes; never reused. */
  readonly id: number;
  readonly requestId: string;
  readonly state: "open" | "closing";
  readonly clientAddress: string;
  readonly secure: boolean;
  readonly host: string | null;
  readonly path: string | null;
  readonly route: RuleName | null;
  readonly service: string | null;
  readonly endpoint: string | null;
  readonly subprotocol: string | null;
  readonly openedAt: string;
  readonly ageSeconds: number;
  readonly quietSeconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly queuedIn: number;
  readonly queuedOut: number;
  readonly pingMsClient: number | null;
  readonly pingMsBackend: number | null;
};

/** What the rows can be sorted by, the greatest first. */
const SORTS = {
  age: (row) => row.ageSeconds,
  quiet: (row) => row.quietSeconds,
  bytes: (row) => row.bytesIn + row.bytesOut,
  messages: (row) => row.messagesIn + row.messagesOut,
  queued: (row) => row.queuedIn + row.queuedOut,
} as const satisfies Record<string, (row: ConnectionRow) => number>;

const SORT_NAMES = Object.keys(SORTS) as (keyof typeof SORTS)[];
const MAX_LIMIT = 10_000;
/** Connections that are looked at between two turns of the event loop. */
const PER_TURN = 250;

/** The query of /debug/connections. */
export const CONNECTION_PARAMS: readonly Param[] = [
  filter("namespace", "Of routes in this namespace."),
  filter("route", "Of routes of this name."),
  filter("rule", "Of rules of this name."),
  filter("host", "For this host, as the client asked for it."),
  filter("service", "To this Service: `namespace/name:port`."),
  filter("endpoint", "To this endpoint: `address:port`."),
  { ...filter("client", "From this address or network, such as `192.0.2.7` or `10.0.0.0/8`."), parse: parseCidr },
  { ...filter("state", "`open` or `closing`."), parse: (text) => parseChoice(text, ["open", "closing"]) },
  { ...filter("min-age", "Open for at least this long, such as `1h30m`."), parse: parseSeconds },
  { ...filter("min-quiet", "Without a frame for at least this long."), parse: parseSeconds },
  {
    name: "sort",
    meaning: `The greatest first: ${SORT_NAMES.map((name) => `\`${name}\``).join(", ")}.`,
    default: "age",
    parse: (text) => parseChoice(text, SORT_NAMES),
  },
  {
    name: "limit",
    meaning: `How many to show, at most ${MAX_LIMIT}.`,
    default: "100",
    parse: (text) => parseInteger(text, 1, MAX_LIMIT),
  },
];

/** The connections that match, and how many there are beyond those that are shown. */
export type FoundConnections = {
  readonly open: number;
  readonly matched: number;
  readonly rows: readonly ConnectionRow[];
};

/** Looks at every open connection, some at a time, so that relaying goes on meanwhile. */
export async function findConnections(
  { connections, relay, clock, turn }: DebugSources,
  values: ParamValues,
): Promise<FoundConnections> {
  const judge = createJudge(values);
  const sortBy = SORTS[values.get("sort") as keyof typeof SORTS];
  const limit = values.get("limit") as number;
  let rows: ConnectionRow[] = [];
  let matched = 0;
  const keepFirst = (): void => {
    rows = rows.toSorted((a, b) => sortBy(b) - sortBy(a) || a.id - b.id).slice(0, limit);
  };
  for (const batch of batches(connections.entries(), PER_TURN)) {
    const live = await relay.inspect(batch.filter(([, connection]) => judge.connection(connection)).map(([id]) => id));
    for (const each of live) {
      // It may have ended since.
      const connection = connections.get(each.id);
      if (connection === undefined) continue;
      const row = toRow(each, connection, clock.wallMs());
      if (!judge.row(row)) continue;
      matched += 1;
      rows.push(row);
    }
    if (rows.length > 2 * limit) keepFirst();
    await turn();
  }
  keepFirst();
  return { open: connections.counts().open, matched, rows };
}

/** A snapshot of the ids first: connections come and go between two turns. */
function batches(
  entries: Iterable<readonly [RelayId, Connection]>,
  size: number,
): readonly (readonly (readonly [RelayId, Connection])[])[] {
  const all = [...entries];
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

function toRow(live: RelayLive, { head, subprotocol }: Connection, wallMs: number): ConnectionRow {
  const { client, backend } = live.from;
  const openedAtMs = head.startedAtMs + head.handshakeMs;
  return {
    id: live.id,
    requestId: head.id,
    state: live.state,
    clientAddress: head.clientAddress,
    secure: head.secure,
    host: head.host,
    path: head.path,
    route: head.route,
    service: head.service,
    endpoint: head.endpoint,
    subprotocol,
    openedAt: new Date(openedAtMs).toISOString(),
    ageSeconds: seconds(wallMs - openedAtMs),
    quietSeconds: seconds(live.quietMs),
    bytesIn: client.bytes,
    bytesOut: backend.bytes,
    framesIn: client.frames,
    framesOut: backend.frames,
    messagesIn: client.messages,
    messagesOut: backend.messages,
    queuedIn: client.queuedBytes,
    queuedOut: backend.queuedBytes,
    pingMsClient: live.pingRttMs.client,
    pingMsBackend: live.pingRttMs.backend,
  };
}

/** Filters that a value passes by being equal. */
const NAMES = ["namespace", "route", "rule", "host", "service", "endpoint"] as const;

type Judge = {
  readonly connection: (connection: Connection) => boolean;
  readonly row: (row: ConnectionRow) => boolean;
};

function createJudge(values: ParamValues): Judge {
  const is = (name: string, actual: string | null | undefined): boolean => (values.get(name) ?? actual) === actual;
  const network = networkOf(values.get("client") as string | undefined);
  const least = (name: string): number => (values.get(name) as number | undefined) ?? 0;
  const comesFromIt = (address: string): boolean => network?.check(address, isIPv6(address) ? "ipv6" : "ipv4") ?? true;
  return {
    connection: ({ head }) => {
      const { route, host, service, endpoint } = head;
      const names = { namespace: route?.namespace, route: route?.name, rule: route?.rule, host, service, endpoint };
      return NAMES.every((name) => is(name, names[name])) && comesFromIt(head.clientAddress);
    },
    row: (row) =>
      is("state", row.state) && row.ageSeconds >= least("min-age") && row.quietSeconds >= least("min-quiet"),
  };
}

function networkOf(cidr: string | undefined): BlockList | null {
  if (cidr === undefined) return null;
  const [address = "", prefix = "0"] = cidr.split("/");
  const network = new BlockList();
  network.addSubnet(address, Number(prefix), isIPv6(address) ? "ipv6" : "ipv4");
  return network;
}

function filter(name: string, meaning: string): Param {
  return { name, meaning, default: null, parse: parseText };
}

function parseSeconds(text: string): ParsedValue<number> {
  const ms = parseDuration(text);
  return ms === null ? { ok: false, expected: "a duration such as 10s or 1h30m" } : { ok: true, value: ms / 1_000 };
}

function seconds(ms: number): number {
  return Math.max(0, Math.round(ms) / 1_000);
}
