import type { View } from "../api/view.ts";
import { compareText } from "../base/compare-text.ts";
import type { ObjectRef, Problem } from "../base/problem.ts";
import { sortInSteps } from "../base/sort-in-steps.ts";
import { visit, type Work } from "../base/work.ts";
import type { Certificate, CertificateTable } from "../table/certificate-table.ts";
import type { PoolKey } from "../table/endpoint-table.ts";
import type { Entry, HostGroup, RoutingTable } from "../table/routing-table.ts";
import { type Arranged, arrangeProblems, NO_PROBLEMS } from "./arrange-problems.ts";
import { buildCertificates } from "./build-certificates.ts";
import { FALLBACK, type RouteClaim } from "./claims.ts";
import { readDefaultCertificate } from "./default-certificate.ts";
import { reportTo } from "./findings.ts";
import { type Group, type Groups, resolveGroups } from "./groups.ts";
import { compareHosts } from "./hosts.ts";
import { indexNothing, indexReferents, keyOf, type Lookup, noReferents, type Referents } from "./lookup.ts";
import { type NamedSecrets, type Objects, type ObjectTranslation, translateObjects } from "./objects.ts";
import { refKey } from "./order.ts";
import { type Refused, refuseWithoutTls } from "./refuse-without-tls.ts";
import { findRoutings, type Routings } from "./sources.ts";
import { type Statuses, writeStatuses } from "./statuses.ts";
import { readTicketKeys } from "./ticket-keys.ts";
import type { TlsClaim } from "./tls.ts";
import { resolveTls, type TlsGroups } from "./tls-conflicts.ts";
import type { ObjectStatus, TranslateOptions } from "./translation.ts";

/** What became of the routes of a view: everything but where their backends' endpoints are. */
export type TranslatedRoutes = {
  readonly routing: RoutingTable;
  readonly certificates: CertificateTable;
  /** Every Service port that a rule names, sorted. */
  readonly pools: readonly PoolKey[];
  /** Sorted by object, then field; those of endpoints are not among them. */
  readonly problems: readonly Problem[];
  /** One for each Ingress and WebSocketRoute that this installation serves, sorted by object. */
  readonly statuses: readonly ObjectStatus[];
  /** The Ingresses and WebSocketRoutes that are left to other controllers. */
  readonly unserved: readonly ObjectRef[];
  /** The Secrets that these tables depend on. */
  readonly secrets: NamedSecrets;
  /** What was not the very same as before, and so was translated. */
  readonly done: { readonly objects: number; readonly groups: number };
  readonly memo: RouteMemo;
};

/** What the next translation takes over as far as its inputs are the very same. Nothing else may depend on it. */
type RouteMemo = {
  readonly referents: Referents;
  readonly defaultCertificate: Certificate | null;
  readonly routings: Routings;
  readonly objects: Objects;
  readonly tls: TlsGroups;
  readonly refused: Refused;
  readonly groups: Groups;
  readonly arranged: Arranged;
  readonly statuses: Statuses;
};

/** What there is before the first translation. */
export function noRoutes(): TranslatedRoutes {
  const index = indexNothing<never>();
  return {
    routing: { groups: [], fallback: NO_ENTRIES },
    certificates: { certificates: new Map(), hosts: [], fallback: null, ticketKeys: null },
    pools: [],
    problems: [],
    statuses: [],
    unserved: [],
    secrets: { named: new Set(), again: new Set() },
    done: { objects: 0, groups: 0 },
    memo: {
      referents: noReferents(),
      defaultCertificate: null,
      routings: { served: [], unserved: [], indexes: { routes: index, ingresses: index } },
      objects: new Map(),
      tls: new Map(),
      refused: new Map(),
      groups: new Map(),
      arranged: NO_PROBLEMS,
      statuses: { byKey: new Map(), sorted: [] },
    },
  };
}

/**
 * Translates the routes of a view. `before` is an earlier translation with the same options, or `noRoutes()`: the result is
 * equal with either, but what did not change is not done again. An object is translated again when it, or an object that
 * it asked for, is not the very same; a host when the claims to it are not.
 */
export function* translateRoutes(
  view: View,
  options: TranslateOptions,
  before: TranslatedRoutes,
): Work<TranslatedRoutes> {
  const { memo } = before;
  const problems: Problem[] = [];
  const referents = yield* indexReferents(view, memo.referents);
  const defaultCertificate = keepEqual(
    readDefaultCertificate(referents, options.defaultCertificate, problems),
    memo.defaultCertificate,
  );
  const ticketKeys = readTicketKeys(referents, options.ticketKeys, problems);
  const lookup: Lookup = { ...referents, defaultCertificate: () => defaultCertificate };
  const routings = yield* findRoutings(view, options.classes, memo.routings);
  const { objects, translated, secrets } = yield* translateObjects(routings.served, { lookup, options }, memo.objects);
  const results = objects
    .values()
    .map(({ result }) => result)
    .toArray();
  const tls = yield* resolveTls(tlsOf(results), options.minTlsVersion, memo.tls);
  const refused = yield* refuseWithoutTls(results, tls, memo.refused);
  const { groups, resolved, havePoolsChanged } = yield* resolveGroups(routesOf(results, refused), memo.groups);
  problems.push(...staleProblems(view, results));
  yield* addProblems(problems, results);
  yield* addProblems(problems, tls.values());
  yield* addProblems(problems, groups.values());
  const arranged = yield* arrangeProblems(problems, memo.arranged);
  const statuses = yield* writeStatuses(results, arranged.problems, memo.statuses);
  const served = { defaultCertificate, minTlsVersion: options.minTlsVersion, ticketKeys };
  return {
    routing: yield* buildRouting(groups, before.routing),
    certificates: yield* buildCertificates(tls, served, before.certificates),
    pools: havePoolsChanged ? yield* sortInSteps(poolsOf(groups.values()), compareText, before.pools) : before.pools,
    problems: arranged.problems,
    statuses: statuses.sorted,
    unserved: routings.unserved,
    secrets: withOwn(secrets, options),
    done: { objects: translated, groups: resolved },
    memo: { referents, defaultCertificate, routings, objects, tls, refused, groups, arranged, statuses },
  };
}

/** The operator's own Secrets belong to no object. */
function withOwn({ named, again }: NamedSecrets, options: TranslateOptions): NamedSecrets {
  const { defaultCertificate, ticketKeys } = options;
  const own = [defaultCertificate?.type === "Secret" ? defaultCertificate : null, ticketKeys];
  const keys = own.flatMap((each) => (each === null ? [] : [keyOf(each.namespace, each.name)]));
  return { named: named.union(new Set(keys)), again };
}

/** What became of each object that this installation serves, before other objects were looked at. */
export function objectsOf({ memo }: TranslatedRoutes): readonly ObjectTranslation[] {
  return memo.objects
    .values()
    .map(({ result }) => result)
    .toArray();
}

/** A pair that is read anew is another object; objects that are served with it would all be translated again. */
function keepEqual(certificate: Certificate | null, before: Certificate | null): Certificate | null {
  return certificate?.id === before?.id ? before : certificate;
}

function* tlsOf(objects: Iterable<ObjectTranslation>): Generator<TlsClaim> {
  for (const { tls } of objects) yield* tls;
}

function* routesOf(objects: Iterable<ObjectTranslation>, refused: Refused): Generator<RouteClaim> {
  for (const { source, routes } of objects) yield* refused.get(source.object)?.routes ?? routes;
}

function* poolsOf(groups: Iterable<Group>): Generator<PoolKey> {
  for (const { pools } of groups) yield* pools;
}

type WithProblems = Iterable<{ readonly problems: readonly Problem[] }>;

function* addProblems(problems: Problem[], parts: WithProblems): Work<void> {
  yield* visit(parts, (part) => {
    for (const problem of part.problems) problems.push(problem);
  });
}

function* buildRouting(groups: Groups, before: RoutingTable): Work<RoutingTable> {
  const hosts: HostGroup[] = [];
  yield* visit(groups, ([key, { group }]) => {
    if (key !== FALLBACK) hosts.push(group);
  });
  const sorted = yield* sortInSteps(hosts, (a, b) => compareHosts(a.host, b.host), before.groups);
  const fallback = groups.get(FALLBACK)?.group.entries ?? NO_ENTRIES;
  return before.groups === sorted && before.fallback === fallback ? before : { groups: sorted, fallback };
}

const NO_ENTRIES: readonly Entry[] = [];

/** Objects that this installation does not serve are somebody else's to report. */
function staleProblems(view: View, served: readonly ObjectTranslation[]): readonly Problem[] {
  if (view.stale.length === 0) return [];
  const keys = new Set(served.map(({ key }) => key));
  const problems: Problem[] = [];
  for (const { object, message } of view.stale) {
    const isRoute = object.kind === "Ingress" || object.kind === "WebSocketRoute";
    if (isRoute && !keys.has(refKey(object))) continue;
    reportTo(problems, object)({ field: "", value: "", reason: "Stale", message, effect: "ignored" });
  }
  return problems;
}
