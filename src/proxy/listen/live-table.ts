import type { Clock } from "../../base/ports.ts";
import { finish, type Work } from "../../base/work.ts";
import type { CertificateTable } from "../../table/certificate-table.ts";
import type { EndpointTable } from "../../table/endpoint-table.ts";
import type { GateMaker } from "../../table/gates.ts";
import { createRouteCompiler, type RouteIndex } from "../../table/match.ts";
import { type HostTlsIndex, indexHostTls } from "../../table/select-host-tls.ts";
import type { Tables } from "../../table/tables.ts";

/** How often a table was swapped, and how long ago it last was; version 0 was never published. */
export type TableAge = { readonly version: number; readonly ageMs: number };

/** What the data plane goes by at this moment. Each table is swapped by reference; who holds an earlier one may finish with it. */
export type LiveTable = {
  readonly routes: () => RouteIndex;
  readonly endpoints: () => EndpointTable;
  readonly hostTls: () => HostTlsIndex;
  /** Makes ready the tables that are given and differ by reference from those in use; the result swaps them, all at once. */
  readonly prepare: (tables: Partial<Tables>) => Work<() => void>;
  /** Prepares tables and swaps them, now. */
  readonly publish: (tables: Partial<Tables>) => void;
  /** True once each table has been published. */
  readonly isComplete: () => boolean;
  readonly ages: () => Readonly<Record<keyof Tables, TableAge>>;
};

const NO_CERTIFICATES: CertificateTable = { certificates: new Map(), hosts: [], fallback: null, ticketKeys: null };

/** Makes a live table that routes nothing and serves no certificate until tables are published. */
export function createLiveTable(policies: readonly GateMaker[], clock: Clock): LiveTable {
  const compileRoutes = createRouteCompiler(policies);
  const routing = swappable(finish(compileRoutes({ groups: [], fallback: [] })), clock);
  const endpoints = swappable<EndpointTable>(new Map(), clock);
  const certificates = swappable(finish(indexHostTls(NO_CERTIFICATES)), clock);
  const prepare = function* (tables: Partial<Tables>): Work<() => void> {
    const swaps: (() => void)[] = [];
    if (tables.routing && tables.routing !== routing.value().table) {
      const index = yield* compileRoutes(tables.routing);
      swaps.push(() => routing.swap(index));
    }
    if (tables.certificates && tables.certificates !== certificates.value().table) {
      const index = yield* indexHostTls(tables.certificates);
      swaps.push(() => certificates.swap(index));
    }
    const next = tables.endpoints;
    if (next && next !== endpoints.value()) swaps.push(() => endpoints.swap(next));
    return () => {
      for (const swap of swaps) swap();
    };
  };
  return {
    routes: routing.value,
    endpoints: endpoints.value,
    hostTls: certificates.value,
    prepare,
    publish: (tables) => finish(prepare(tables))(),
    isComplete: () => [routing, endpoints, certificates].every((part) => part.age().version > 0),
    ages: () => ({ routing: routing.age(), endpoints: endpoints.age(), certificates: certificates.age() }),
  };
}

type Swappable<Value> = {
  readonly value: () => Value;
  readonly swap: (value: Value) => void;
  readonly age: () => TableAge;
};

function swappable<Value>(initial: Value, clock: Clock): Swappable<Value> {
  let value = initial;
  let version = 0;
  let swappedAtMs = clock.monotonicMs();
  return {
    value: () => value,
    swap: (next) => {
      value = next;
      version += 1;
      swappedAtMs = clock.monotonicMs();
    },
    age: () => ({ version, ageMs: clock.monotonicMs() - swappedAtMs }),
  };
}
