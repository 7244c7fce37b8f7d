import { BlockList, isIPv6 } from "node:net";
import { parseCidr, parseMs } from "../../config/parse-values.ts";
import type { Connection } from "../../proxy/relay/connections.ts";
import type { RelayLive } from "../../proxy/relay/relay.ts";
import { choice, count, filter, type Param, type ParamValues } from "./params.ts";

/** A connection, and how it is at this moment. */
export type LiveConnection = { readonly connection: Connection; readonly live: RelayLive };

/** What connections can be sorted by, the greatest first. */
const SORTS = {
  // Ids are given in turn; ages are read one after another, and of two that opened together the second may seem older.
  age: ({ live }) => -Number(live.id),
  quiet: ({ live }) => live.quietMs,
  bytes: ({ live: { from } }) => from.client.bytes + from.backend.bytes,
  messages: ({ live: { from } }) => from.client.messages + from.backend.messages,
  queued: ({ live: { from } }) => from.client.queuedBytes + from.backend.queuedBytes,
} as const satisfies Record<string, (each: LiveConnection) => number>;

const SORT_NAMES = Object.keys(SORTS) as (keyof typeof SORTS)[];
const MAX_LIMIT = 10_000;

/** The query of /debug/connections; `fairlead connections` has a flag for each. */
export const CONNECTION_PARAMS: readonly Param[] = [
  filter("kind", "KIND", "Of routes of this kind: WebSocketRoute or Ingress."),
  filter("namespace", "NAMESPACE", "Of routes in this namespace."),
  filter("route", "NAME", "Of routes of this name."),
  filter("rule", "NAME", "Of rules of this name."),
  filter("host", "HOST", "For this host, as the client asked for it."),
  filter("service", "SERVICE", "To this Service: `namespace/name`, or `namespace/name:port`."),
  filter("endpoint", "ENDPOINT", "To this endpoint: its address, or `address:port`."),
  filter("client", "CIDR", "From this address or network, such as `192.0.2.7` or `10.0.0.0/8`.", parseCidr),
  filter("request-id", "ID", "The one with this id in the access log."),
  choice("state", ["open", "closing"], "`open` or `closing`."),
  filter("min-age", "DURATION", "Open for at least this long, such as `1h30m`.", parseMs),
  filter("min-quiet", "DURATION", "Without a frame for at least this long.", parseMs),
  choice("sort", SORT_NAMES, `The greatest first: ${SORT_NAMES.map((name) => `\`${name}\``).join(", ")}.`, "age"),
  choice("order", ["desc", "asc"], "`asc`: the least first.", "desc"),
  count("limit", `How many to show, at most ${MAX_LIMIT}.`, { usual: 100, least: 1, most: MAX_LIMIT }),
];

/** What a query asks for. */
export type ConnectionFilter = {
  /** By what is known since the handshake: asked first, as it costs little. */
  readonly wants: (connection: Connection) => boolean;
  /** By what only a look at the live connection tells. */
  readonly wantsLive: (live: RelayLive) => boolean;
  /** Those to show first come first; of equals, the one that was opened first. */
  readonly compare: (one: LiveConnection, other: LiveConnection) => number;
  readonly limit: number;
};

/** Reads the values of CONNECTION_PARAMS. */
export function createFilter(values: ParamValues): ConnectionFilter {
  const sizeOf = SORTS[values.get("sort") as keyof typeof SORTS];
  const sign = values.get("order") === "asc" ? -1 : 1;
  const is = (name: string, actual: string | null | undefined): boolean => (values.get(name) ?? actual) === actual;
  const least = (name: string): number => (values.get(name) as number | undefined) ?? 0;
  return {
    wants: createJudge(values),
    wantsLive: (live) =>
      is("state", live.state) && live.ageMs >= least("min-age") && live.quietMs >= least("min-quiet"),
    compare: (one, other) => sign * (sizeOf(other) - sizeOf(one)) || one.live.id - other.live.id,
    limit: values.get("limit") as number,
  };
}

/** Filters by their names, in the order of the cheapest refusal. */
function createJudge(values: ParamValues): ConnectionFilter["wants"] {
  const network = networkOf(values.get("client") as string | undefined);
  const text = (name: string): string | undefined => values.get(name) as string | undefined;
  const wanted = {
    kind: text("kind"),
    namespace: text("namespace"),
    route: text("route"),
    rule: text("rule"),
    host: text("host"),
    id: text("request-id"),
  };
  const [service, endpoint] = [text("service"), text("endpoint")];
  return ({ head }) => {
    const { route, host, id } = head;
    const { kind, namespace, name, rule } = route ?? {};
    const actual = { kind, namespace, route: name, rule, host, id };
    const isNamed = Object.entries(wanted).every(
      ([key, is]) => is === undefined || is === actual[key as keyof typeof actual],
    );
    return (
      isNamed &&
      isWithin(head.service, service) &&
      isWithin(head.endpoint, endpoint) &&
      isFrom(head.clientAddress, network)
    );
  };
}

/** With its port or without: `shop/chat:80` is also `shop/chat`, and `[fd00::1]:80` also `fd00::1`. */
function isWithin(actual: string | null, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === actual) return true;
  const bare = actual?.slice(0, actual.lastIndexOf(":"));
  return bare === wanted || bare === `[${wanted}]`;
}

function isFrom(address: string, network: BlockList | null): boolean {
  return network?.check(address, isIPv6(address) ? "ipv6" : "ipv4") ?? true;
}

function networkOf(cidr: string | undefined): BlockList | null {
  if (cidr === undefined) return null;
  const [address = "", prefix = "0"] = cidr.split("/");
  const network = new BlockList();
  network.addSubnet(address, Number(prefix), isIPv6(address) ? "ipv6" : "ipv4");
  return network;
}
