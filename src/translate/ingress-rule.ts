import type { IngressBackend } from "../api/core.ts";
import type { WebSocketRouteFilter, WebSocketRouteMatch } from "../api/websocket-route.ts";
import type { IngressSettings } from "./annotations/annotation.ts";
import type { RuleSpec, SourceBackend } from "./source.ts";

/** The path of a match, with all of its parts. */
export type WrittenPath = Required<NonNullable<WebSocketRouteMatch["path"]>>;

/** What a WebSocketRoute would say in a rule to mean what an Ingress says with one path, one backend and its annotations. */
export function specOf(settings: IngressSettings, path: WrittenPath, backend: IngressBackend): RuleSpec {
  const { timeouts = {}, keepalive = {}, drain = {}, security = {}, backendTLS, match = {} } = settings;
  return {
    matches: [{ path, ...match }],
    filters: filtersOf(settings),
    backendRefs: backendsOf(backend),
    timeouts,
    keepalive,
    drain,
    security,
    ...(backendTLS === undefined ? {} : { backendTLS }),
  };
}

function filtersOf({
  rewrite = {},
  requestHeaders,
  responseHeaders,
}: IngressSettings): readonly WebSocketRouteFilter[] {
  const filters: WebSocketRouteFilter[] = [];
  const { hostname, replaceFullPath, replacePrefixMatch } = rewrite;
  if (hostname !== undefined || replaceFullPath !== undefined || replacePrefixMatch !== undefined) {
    const urlRewrite = {
      ...(hostname === undefined ? {} : { hostname }),
      ...(replaceFullPath === undefined ? {} : { path: { type: "ReplaceFullPath" as const, replaceFullPath } }),
      ...(replacePrefixMatch === undefined
        ? {}
        : { path: { type: "ReplacePrefixMatch" as const, replacePrefixMatch } }),
    };
    filters.push({ type: "URLRewrite", urlRewrite });
  }
  if (requestHeaders !== undefined)
    filters.push({ type: "RequestHeaderModifier", requestHeaderModifier: requestHeaders });
  if (responseHeaders !== undefined) {
    filters.push({ type: "ResponseHeaderModifier", responseHeaderModifier: responseHeaders });
  }
  return filters;
}

function backendsOf({ service, resource }: IngressBackend): readonly SourceBackend[] {
  if (resource !== undefined) {
    return [{ group: resource.apiGroup ?? "", kind: resource.kind, name: resource.name, port: 0 }];
  }
  if (service === undefined) return [];
  return [{ name: service.name, port: service.port?.name ?? service.port?.number ?? "" }];
}
