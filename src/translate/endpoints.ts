import { isDeepStrictEqual } from "node:util";
import type { EndpointSlice, Service, ServicePort } from "../api/core.ts";
import type { View } from "../api/view.ts";
import { compareText } from "../base/compare-text.ts";
import type { Problem } from "../base/problem.ts";
import { haveSameItems } from "../base/same-items.ts";
import { visit, type Work } from "../base/work.ts";
import type { Endpoint, EndpointTable, PoolKey } from "../table/endpoint-table.ts";
import { annotationField, type KnownAnnotations, reportUnknown } from "./annotations/report-unknown.ts";
import { type Arranged, arrangeProblems, NO_PROBLEMS } from "./arrange-problems.ts";
import { type FoundEndpoint, readSlice } from "./endpoint-slices.ts";
import { reportTo } from "./findings.ts";
import {
  indexByName,
  indexNothing,
  indexSlices,
  keyOf,
  type NameIndex,
  type ObjectKey,
  type SliceIndex,
} from "./lookup.ts";
import { compareAge, refOf } from "./order.ts";
import { STANDALONE_ENDPOINTS, standalonePool } from "./standalone-endpoints.ts";
import type { TranslateOptions } from "./translation.ts";

// Without its endpoints a Service answers nothing, so that a name written wrongly need not refuse.
const SERVICE_ANNOTATIONS: KnownAnnotations = new Map([[STANDALONE_ENDPOINTS, "ignore"]]);

/** The parts of the options that decide about endpoints. */
export type EndpointOptions = Pick<TranslateOptions, "allowLoopbackEndpoints" | "standaloneEndpoints">;

/** Where each pool's connections may go, what was refused, and what both follow from. */
export type TranslatedEndpoints = {
  readonly endpoints: EndpointTable;
  readonly problems: readonly Problem[];
  /** Pools that are not the very same as before. */
  readonly resolved: number;
  readonly memo: EndpointMemo;
};

type EndpointMemo = {
  readonly services: NameIndex<Service>;
  readonly slices: SliceIndex;
  readonly pools: ReadonlyMap<PoolKey, ResolvedPool>;
  readonly wanted: readonly PoolKey[];
  readonly arranged: Arranged;
};

type EndpointView = Pick<View, "services" | "endpointSlices">;

/** What there is before the first translation. */
export const NO_ENDPOINTS: TranslatedEndpoints = {
  endpoints: new Map(),
  problems: [],
  resolved: 0,
  memo: {
    services: indexNothing(),
    slices: { list: [], byService: new Map() },
    pools: new Map(),
    wanted: [],
    arranged: NO_PROBLEMS,
  },
};

/**
 * Resolves Service ports to endpoints from EndpointSlices, without looking at any route: what has to be done when only
 * endpoints change. `wanted` is sorted. Pools whose Service or port is gone are empty; those whose Service and EndpointSlices are the very
 * same as `before` are not looked at again.
 */
export function* translateEndpoints(
  view: EndpointView,
  wanted: readonly PoolKey[],
  options: EndpointOptions,
  before: TranslatedEndpoints,
): Work<TranslatedEndpoints> {
  const { memo } = before;
  const services = yield* indexByName(view.services, memo.services);
  const slices = yield* indexSlices(view.endpointSlices, memo.slices);
  if (services === memo.services && slices === memo.slices && wanted === memo.wanted) return { ...before, resolved: 0 };
  const pools = new Map<PoolKey, ResolvedPool>();
  let resolved = 0;
  for (const key of wanted) {
    const known = memo.pools.get(key);
    const pool = yield* renewPool(known?.name ?? nameOf(key), { services, slices }, options, known);
    pools.set(key, pool);
    if (pool !== known) resolved += 1;
    if (pool !== known || pools.size % REUSED_PER_STEP === 0) yield;
  }
  const arranged = yield* arrangeProblems(problemsOf(pools.values()), memo.arranged);
  const endpoints = yield* buildTable(pools, before.endpoints);
  return { endpoints, problems: arranged.problems, resolved, memo: { services, slices, pools, wanted, arranged } };
}

function* renewPool(
  name: PoolName,
  { services, slices }: Pick<EndpointMemo, "services" | "slices">,
  options: EndpointOptions,
  known: ResolvedPool | undefined,
): Work<ResolvedPool> {
  const of = { service: services.byName.get(name.key), slices: slices.byService.get(name.key) ?? NO_SLICES };
  if (known !== undefined && haveSameReferents(known.of, of)) return known;
  return yield* resolvePool(name, of, options, known);
}

function haveSameReferents(before: Referents, now: Referents): boolean {
  return before.service === now.service && haveSameItems(before.slices, now.slices);
}

const REUSED_PER_STEP = 128;
const NO_SLICES: readonly EndpointSlice[] = [];

/** A pool's endpoints, and what they follow from. */
type ResolvedPool = {
  readonly name: PoolName;
  readonly of: Referents;
  readonly endpoints: readonly Endpoint[];
  readonly problems: readonly Problem[];
};

type PoolName = { readonly key: ObjectKey; readonly port: number };

type Referents = { readonly service: Service | undefined; readonly slices: readonly EndpointSlice[] };

function* buildTable(pools: ReadonlyMap<PoolKey, ResolvedPool>, before: EndpointTable): Work<EndpointTable> {
  const table = new Map<PoolKey, readonly Endpoint[]>();
  let isSame = before.size === pools.size;
  yield* visit(pools, ([key, { endpoints }]) => {
    isSame &&= before.get(key) === endpoints;
    table.set(key, endpoints);
  });
  return isSame ? before : table;
}

function* problemsOf(pools: Iterable<ResolvedPool>): Generator<Problem> {
  for (const { problems } of pools) yield* problems;
}

function* resolvePool(
  name: PoolName,
  of: Referents,
  options: EndpointOptions,
  before: ResolvedPool | undefined,
): Work<ResolvedPool> {
  const problems: Problem[] = [];
  const pool = findPool(name, of);
  const found = pool === null ? [] : yield* findEndpoints(pool, options, problems);
  const isEqual = before !== undefined && isDeepStrictEqual(found, before.endpoints);
  return { name, of, endpoints: isEqual ? before.endpoints : found, problems };
}

function findPool({ port: wanted }: PoolName, { service, slices }: Referents): Pool | null {
  const port = service?.spec?.ports?.find((each) => each.port === wanted && (each.protocol ?? "TCP") === "TCP");
  return service === undefined || port === undefined ? null : { service, port, slices };
}

type Pool = { readonly service: Service; readonly port: ServicePort; readonly slices: readonly EndpointSlice[] };

function* findEndpoints(pool: Pool, options: EndpointOptions, problems: Problem[]): Work<readonly Endpoint[]> {
  const { service, slices } = pool;
  const report = reportTo(problems, refOf(service));
  reportUnknown(service.metadata, SERVICE_ANNOTATIONS, report);
  const annotation = service.metadata.annotations?.[STANDALONE_ENDPOINTS];
  if (annotation !== undefined) {
    if (slices.length === 0 && options.standaloneEndpoints) {
      return standalonePool(annotation, options.allowLoopbackEndpoints, report);
    }
    const message = options.standaloneEndpoints
      ? "The Service has EndpointSlices, which are used instead."
      : "Only standalone mode reads endpoints from an annotation.";
    const field = annotationField(STANDALONE_ENDPOINTS);
    report({ field, value: annotation, reason: "InvalidAnnotation", message, effect: "ignored" });
  }
  const found: FoundEndpoint[] = [];
  for (const slice of slices.toSorted(compareAge)) {
    found.push(...readSlice(slice, pool.port, options.allowLoopbackEndpoints, problems));
    yield;
  }
  return inOneFamily(found, service).toSorted(compareEndpoints);
}

/** The endpoints of the Service's first family, or of the other if the first has none; each once. */
function inOneFamily(found: readonly FoundEndpoint[], service: Service): readonly Endpoint[] {
  const first = service.spec?.ipFamilies?.[0] ?? "IPv4";
  const preferred = found.filter((each) => each.family === first);
  const chosen = new Map<string, Endpoint>();
  for (const { identity, endpoint } of preferred.length > 0 ? preferred : found) {
    const before = chosen.get(identity);
    if (before === undefined || isBetter(endpoint, before)) chosen.set(identity, endpoint);
  }
  return [...chosen.values()];
}

/** While an endpoint moves from one slice to another it is in both for a moment; the one that may be used counts. */
function isBetter(endpoint: Endpoint, before: Endpoint): boolean {
  return (
    rank(endpoint) - rank(before) < 0 || (rank(endpoint) === rank(before) && compareEndpoints(endpoint, before) < 0)
  );
}

function rank(endpoint: Endpoint): number {
  if (endpoint.ready) return 0;
  return endpoint.serving ? 1 : 2;
}

function compareEndpoints(a: Endpoint, b: Endpoint): number {
  return compareText(a.address, b.address) || a.port - b.port;
}

function nameOf(pool: PoolKey): PoolName {
  const colon = pool.lastIndexOf(":");
  const slash = pool.indexOf("/");
  return { key: keyOf(pool.slice(0, slash), pool.slice(slash + 1, colon)), port: Number(pool.slice(colon + 1)) };
}
