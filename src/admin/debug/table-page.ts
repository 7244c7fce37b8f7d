import { type ParsedValue, parseChoice, parseInteger } from "../../config/parse-values.ts";
import { describeEntry, describeHost, describeHostTls, describePool } from "../../table/describe-tables.ts";
import type { PoolKey } from "../../table/endpoint-table.ts";
import type { HostGroup, HostPattern } from "../../table/routing-table.ts";
import { coversHost } from "../../translate/hosts.ts";
import type { DebugSources } from "./debug-sources.ts";
import type { Param, ParamValues } from "./params.ts";

const PARTS = ["routing", "endpoints", "certificates"] as const;
const MAX_LIMIT = 5_000;

/** The query of /debug/table. */
export const TABLE_PARAMS: readonly Param[] = [
  {
    name: "part",
    meaning:
      "`routing`: hosts and their rules; `endpoints`: Service ports and their endpoints; `certificates`: hosts and their certificates.",
    default: "routing",
    parse: (text) => parseChoice(text, PARTS),
  },
  { name: "host", meaning: "Only what this host name leads to.", default: null, parse: parseHost },
  {
    name: "limit",
    meaning: `How many items to show, at most ${MAX_LIMIT}.`,
    default: "100",
    parse: (text) => parseInteger(text, 1, MAX_LIMIT),
  },
  {
    name: "offset",
    meaning: "How many items to leave out before them.",
    default: "0",
    parse: (text) => parseInteger(text, 0, 1_000_000),
  },
];

/** Items of one part of the tables; each is described when it is written. */
export type FoundItems = { readonly total: number; readonly matched: number; readonly items: Iterable<unknown> };

/** The items that match, in the order of the tables. */
export function findItems({ live }: DebugSources, values: ParamValues): FoundItems {
  const host = (values.get("host") as string | undefined) ?? null;
  const limit = values.get("limit") as number;
  const offset = values.get("offset") as number;
  const page = <Item>(all: readonly Item[], wanted: (item: Item) => boolean, describe: (item: Item) => unknown) => {
    const matched = all.filter(wanted);
    return {
      total: all.length,
      matched: matched.length,
      items: matched.values().drop(offset).take(limit).map(describe),
    };
  };
  const covers = (pattern: HostPattern): boolean => host === null || coversHost(pattern, { type: "exact", name: host });
  const groups = groupsOf(live);
  switch (values.get("part") as (typeof PARTS)[number]) {
    case "routing":
      return page(groups, (group) => covers(group.host), describeGroup);
    case "endpoints": {
      const named = new Set(groups.filter((group) => covers(group.host)).flatMap(poolsOf));
      return page([...live.endpoints()], ([pool]) => host === null || named.has(pool), describePool);
    }
    case "certificates": {
      const { table } = live.hostTls();
      const hosts = table.fallback === null ? table.hosts : [...table.hosts, table.fallback];
      return page(
        hosts,
        (each) => covers(each.host),
        (each) => describeHostTls(each, table),
      );
    }
    default:
      throw new Error("no such part");
  }
}

/** With the rules that are tried last everywhere, as a group of every host. */
function groupsOf(live: DebugSources["live"]): readonly HostGroup[] {
  const { groups, fallback } = live.routes().table;
  return fallback.length === 0 ? groups : [...groups, { host: { type: "any" }, entries: fallback }];
}

function describeGroup({ host, entries }: HostGroup): unknown {
  return { host: describeHost(host), entries: entries.map(describeEntry) };
}

function poolsOf({ entries }: HostGroup): readonly PoolKey[] {
  return entries.flatMap(({ rule: { action } }) =>
    action.type === "Refuse" ? [] : action.backends.flatMap((one) => (one.type === "Pool" ? [one.pool] : [])),
  );
}

function parseHost(text: string): ParsedValue<string> {
  const isName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text);
  return isName ? { ok: true, value: text.toLowerCase() } : { ok: false, expected: "a host name" };
}
