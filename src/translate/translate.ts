import type { View } from "../api/view.ts";
import { compareText } from "../base/compare-text.ts";
import type { ObjectRef, Problem } from "../base/problem.ts";
import type { Certificate, CertificateId, CertificateTable, HostTls } from "../table/certificate-table.ts";
import type { PoolKey } from "../table/endpoint-table.ts";
import type { HostGroup, HostPattern, RoutingTable, Rule } from "../table/routing-table.ts";
import { addCertificate } from "./certificates.ts";
import { type ObjectTranslation, type RouteClaim, translateObject } from "./claims.ts";
import { conditionsOf } from "./conditions.ts";
import { groupClaims, resolveHost } from "./conflicts.ts";
import { readDefaultCertificate } from "./default-certificate.ts";
import { translateEndpoints } from "./endpoints.ts";
import { boundPatterns, type SettledClaim, settleObject } from "./fail-closed.ts";
import { arrangeProblems, attempt, reportTo } from "./findings.ts";
import { ANY_HOST, compareHosts, coversHost } from "./hosts.ts";
import { buildLookup } from "./lookup.ts";
import { compareRefs, refOf } from "./order.ts";
import { refuseRule } from "./rule.ts";
import type { Source } from "./source.ts";
import { readSources } from "./sources.ts";
import { readTicketKeys } from "./ticket-keys.ts";
import { type ResolvedTls, resolveTls } from "./tls-conflicts.ts";
import type { ObjectStatus, TranslateOptions, Translation } from "./translation.ts";

/**
 * Turns everything that was written into everything that the data plane is told. Pure and total: no clock, no
 * environment, no exception; the same objects in any order give the same tables. What cannot be honoured answers 503,
 * in the narrowest scope that is safe, and is told in `problems` and `statuses`.
 */
export function translate(view: View, options: TranslateOptions): Translation {
  const problems: Problem[] = [];
  const lookup = buildLookup(view);
  const defaultCertificate = readDefaultCertificate(lookup, options.defaultCertificate, problems);
  const ticketKeys = readTicketKeys(lookup, options.ticketKeys, problems);
  const surroundings = { lookup, options, defaultCertificate };
  const sources = readSources(view, options.classes, problems);
  const objects = sources.map((source) =>
    attempt<ObjectTranslation>(reportTo(problems, refOf(source.object)), { source, routes: [], tls: [] }, () =>
      translateObject(source, surroundings, problems),
    ),
  );
  const tls = resolveTls(
    objects.flatMap((object) => object.tls),
    options.minTlsVersion,
    problems,
  );
  const routing = buildRouting(refuseWithoutTls(objects, tls), problems);
  const pools = poolsOf(routing);
  const translated = translateEndpoints(view, pools, options);
  problems.push(...translated.problems, ...staleProblems(view, sources));
  const arranged = arrangeProblems(problems);
  return {
    tables: {
      routing,
      endpoints: translated.endpoints,
      certificates: { ...buildCertificates(tls, defaultCertificate, options), ticketKeys },
    },
    pools,
    problems: arranged,
    endpointProblems: translated.problems,
    statuses: statusesOf(sources, arranged),
  };
}

/** An object's rules answer 503 on hosts for which the object asked for TLS and cannot have it. */
function refuseWithoutTls(objects: readonly ObjectTranslation[], tls: ResolvedTls): readonly RouteClaim[] {
  const refused = Map.groupBy(tls.refused, ({ claim }) => claim.object);
  return objects.flatMap(({ source, routes }) => {
    const without = refused.get(source.object) ?? [];
    if (without.length === 0) return routes;
    return routes.map((route) => {
      const host: HostPattern = route.host ?? ANY_HOST;
      const found = without.find(({ claim }) => coversHost(claim.host, host));
      return found === undefined ? route : { ...route, rule: refuseRule(route.rule, found.detail) };
    });
  });
}

function buildRouting(claims: readonly RouteClaim[], problems: Problem[]): RoutingTable {
  const bounded = boundPatterns(claims, problems);
  const byObject = Map.groupBy(bounded, ({ object }) => `${object.kind} ${object.namespace}/${object.name}`);
  const settled: readonly SettledClaim[] = [...byObject.values()].flatMap(settleObject);
  const groups: HostGroup[] = [];
  let fallback: HostGroup["entries"] = [];
  for (const group of groupClaims(settled).values()) {
    const host = group[0]?.host ?? null;
    const entries = resolveHost(group, problems);
    if (host === null) fallback = entries;
    else groups.push({ host, entries });
  }
  return { groups: groups.toSorted((a, b) => compareHosts(a.host, b.host)), fallback };
}

function poolsOf(routing: RoutingTable): ReadonlySet<PoolKey> {
  const entries = [...routing.groups.flatMap((group) => group.entries), ...routing.fallback];
  const pools = new Set(entries.map((entry) => entry.rule)).values().flatMap(poolsOfRule);
  return new Set([...pools].toSorted(compareText));
}

function poolsOfRule({ action }: Rule): readonly PoolKey[] {
  if (action.type === "Refuse") return [];
  return action.backends.flatMap((backend) => (backend.type === "Pool" ? [backend.pool] : []));
}

function buildCertificates(
  tls: ResolvedTls,
  defaultCertificate: Certificate | null,
  options: TranslateOptions,
): Omit<CertificateTable, "ticketKeys"> {
  const certificates = new Map<CertificateId, Certificate>(tls.certificates);
  if (defaultCertificate !== null) addCertificate(certificates, defaultCertificate);
  const fallback: HostTls | null =
    defaultCertificate === null
      ? null
      : { host: ANY_HOST, certificates: [defaultCertificate.id], minVersion: options.minTlsVersion };
  const sorted = [...certificates].toSorted(([a], [b]) => compareText(a, b));
  return { certificates: new Map(sorted), hosts: tls.hosts, fallback };
}

/** Objects that this installation does not serve are somebody else's to report. */
function staleProblems(view: View, sources: readonly Source[]): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { object, message } of view.stale) {
    const isRoute = object.kind === "Ingress" || object.kind === "WebSocketRoute";
    if (isRoute && !sources.some((source) => compareRefs(refOf(source.object), object) === 0)) continue;
    reportTo(problems, object)({ field: "", value: "", reason: "Stale", message, effect: "ignored" });
  }
  return problems;
}

function statusesOf(sources: readonly Source[], problems: readonly Problem[]): readonly ObjectStatus[] {
  const byObject = Map.groupBy(problems, ({ object }) => refText(object));
  return sources
    .map((source): ObjectStatus => {
      const object = refOf(source.object);
      const own = byObject.get(refText(object)) ?? [];
      const generation = source.object.metadata.generation ?? null;
      return { object, conditions: conditionsOf(own, generation), backends: backendsText(source) };
    })
    .toSorted((a, b) => compareRefs(a.object, b.object));
}

function backendsText(source: Source): string {
  const refs = source.rules
    .flatMap((rule) => rule.spec.backendRefs)
    .filter((ref) => (ref.kind ?? "Service") === "Service");
  return [...new Set(refs.map((ref) => `${ref.name}:${ref.port}`))].join(", ").slice(0, 1024);
}

function refText(object: ObjectRef): string {
  return `${object.kind} ${object.namespace}/${object.name}`;
}
