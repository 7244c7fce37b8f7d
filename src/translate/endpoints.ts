import type { EndpointSlice, Service, ServicePort } from "../api/core.ts";
import type { View } from "../api/view.ts";
import { compareText } from "../base/compare-text.ts";
import type { Problem } from "../base/problem.ts";
import type { Endpoint, EndpointTable, PoolKey } from "../table/endpoint-table.ts";
import { annotationField, type KnownAnnotations, reportUnknown } from "./annotations/report-unknown.ts";
import { type FoundEndpoint, readSlice } from "./endpoint-slices.ts";
import { arrangeProblems, reportTo } from "./findings.ts";
import { indexByName, keyOf, type ObjectKey, slicesByService } from "./lookup.ts";
import { compareAge, refOf } from "./order.ts";
import { STANDALONE_ENDPOINTS, standalonePool } from "./standalone-endpoints.ts";
import type { TranslateOptions } from "./translation.ts";

// Without its endpoints a Service answers nothing, so that a name written wrongly need not refuse.
const SERVICE_ANNOTATIONS: KnownAnnotations = new Map([[STANDALONE_ENDPOINTS, "ignore"]]);

/** The parts of the options that decide about endpoints. */
export type EndpointOptions = Pick<TranslateOptions, "allowLoopbackEndpoints" | "standaloneEndpoints">;

/** Where each pool's connections may go, and what was refused. */
export type TranslatedEndpoints = { readonly endpoints: EndpointTable; readonly problems: readonly Problem[] };

/**
 * Resolves Service ports to endpoints from EndpointSlices, without looking at any route: what has to be done when only
 * endpoints change. Pools whose Service or port is gone are empty.
 */
export function translateEndpoints(
  view: Pick<View, "services" | "endpointSlices">,
  pools: Iterable<PoolKey>,
  options: EndpointOptions,
): TranslatedEndpoints {
  const services = indexByName(view.services);
  const slices = slicesByService(view.endpointSlices);
  const problems: Problem[] = [];
  const endpoints = new Map<PoolKey, readonly Endpoint[]>();
  for (const pool of [...pools].toSorted(compareText)) {
    const { key, port } = partsOf(pool);
    const service = services.get(key);
    const servicePort = service?.spec?.ports?.find((each) => each.port === port && (each.protocol ?? "TCP") === "TCP");
    const resolved =
      service === undefined || servicePort === undefined
        ? []
        : resolvePool({ service, port: servicePort, slices: slices.get(key) ?? [] }, options, problems);
    endpoints.set(pool, resolved);
  }
  return { endpoints, problems: arrangeProblems(problems) };
}

type Pool = { readonly service: Service; readonly port: ServicePort; readonly slices: readonly EndpointSlice[] };

function resolvePool(pool: Pool, options: EndpointOptions, problems: Problem[]): readonly Endpoint[] {
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
  const found = slices
    .toSorted((a, b) => compareAge(a, b))
    .flatMap((slice) => readSlice(slice, pool.port, options.allowLoopbackEndpoints, problems));
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

function partsOf(pool: PoolKey): { readonly key: ObjectKey; readonly port: number } {
  const colon = pool.lastIndexOf(":");
  const slash = pool.indexOf("/");
  return { key: keyOf(pool.slice(0, slash), pool.slice(slash + 1, colon)), port: Number(pool.slice(colon + 1)) };
}
