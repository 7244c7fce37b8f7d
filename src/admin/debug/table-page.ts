import type { CertificateTable, HostTls } from "../../table/certificate-table.ts";
import { describeEntry, describeHost, describeHostTls, describePool } from "../../table/describe-tables.ts";
import type { Entry, HostPattern, RoutingTable } from "../../table/routing-table.ts";
import { servicesOf } from "../../table/served-rules.ts";
import { compareHosts, coversHost } from "../../translate/hosts.ts";
import type { DebugSources } from "./debug-sources.ts";
import type { ParamValues } from "./params.ts";
import type { TABLE_PARTS } from "./table-params.ts";

/** Items of one part of the tables; each is described when it is written. */
export type FoundItems = {
  readonly total: number;
  /** The offset of the items that follow; null at the end. */
  readonly next: number | null;
  readonly items: Iterable<unknown>;
};

/** The items that match, in the order of the tables. */
export function findItems({ live }: DebugSources, values: ParamValues): FoundItems {
  const host = (values.get("host") as string | undefined) ?? null;
  const range = { limit: values.get("limit") as number, offset: values.get("offset") as number };
  const routes = live.routes().table;
  const { table: certificates } = live.hostTls();
  switch (values.get("part") as (typeof TABLE_PARTS)[number]) {
    case "routing":
      return page(waysOf(routes, host), range, describeWay);
    case "endpoints": {
      const pools = host === null ? null : new Set(waysOf(routes, host).flatMap(({ entry }) => servicesOf(entry.rule)));
      return page(
        [...live.endpoints()].filter(([pool]) => pools?.has(pool) ?? true),
        range,
        describePool,
      );
    }
    case "certificates": {
      const hosts =
        certificates.fallback === null ? certificates.hosts : [...certificates.hosts, certificates.fallback];
      const shown = host === null ? hosts : [tlsFor(certificates, host)].filter((tls) => tls !== null);
      return page(shown, range, (each) => describeHostTls(each, certificates));
    }
    default:
      throw new Error("no such part");
  }
}

type Range = { readonly limit: number; readonly offset: number };

function page<Item>(all: readonly Item[], { limit, offset }: Range, describe: (item: Item) => unknown): FoundItems {
  const shown = all.slice(offset, offset + limit);
  return {
    total: all.length,
    next: offset + limit < all.length ? offset + limit : null,
    items: shown.values().map(describe),
  };
}

/** One way to a rule; a host of null is every host, tried last. */
type Way = { readonly host: HostPattern | null; readonly entry: Entry };

/** Every way to a rule, or those of the one group that answers for a host; what is tried last everywhere comes last. */
function waysOf({ groups, fallback }: RoutingTable, host: string | null): readonly Way[] {
  const chosen = host === null ? groups : deciding(groups, host);
  return [
    ...chosen.flatMap((group) => group.entries.map((entry) => ({ host: group.host, entry }))),
    ...fallback.map((entry) => ({ host: null, entry })),
  ];
}

/** What the precedence of hosts leaves for a name, or what is written for a pattern. */
function deciding<Item extends { readonly host: HostPattern }>(all: readonly Item[], host: string): readonly Item[] {
  const written = all.find((each) => describeHost(each.host) === host);
  if (written !== undefined || host.includes("*")) return written === undefined ? [] : [written];
  return all
    .filter((each) => coversHost(each.host, { type: "exact", name: host }))
    .toSorted((one, other) => compareHosts(one.host, other.host))
    .slice(0, 1);
}

function tlsFor({ hosts, fallback }: CertificateTable, host: string): HostTls | null {
  return deciding(hosts, host)[0] ?? fallback;
}

function describeWay({ host, entry }: Way): unknown {
  return { host: host === null ? null : describeHost(host), ...describeEntry(entry) };
}
