import type { WebSocketRoute } from "../api/websocket-route.ts";
import type { HostPattern } from "../table/routing-table.ts";
import { type KnownAnnotations, reportUnknown } from "./annotations/report-unknown.ts";
import type { Report } from "./findings.ts";
import { ANY_HOST, readHost } from "./hosts.ts";
import type { Source, SourceRule, SourceTls } from "./source.ts";

/** A WebSocketRoute says everything in its fields. */
const NONE: KnownAnnotations = new Map();

/** A WebSocketRoute in the shape that is translated; hostnames that cannot be read are reported and not served. */
export function sourceOfRoute(route: WebSocketRoute, report: Report): Source {
  reportUnknown(route.metadata, NONE, report);
  const hosts = hostsOf(route, report);
  return {
    object: route,
    group: "fairlead.dev",
    rules: route.spec.rules.map((rule, index): SourceRule => {
      const { name, ...spec } = rule;
      return {
        name,
        hosts,
        rank: "normal",
        spec,
        escapedSlashes: "Reject",
        redirectToHttps: false,
        refusal: null,
        unreadable: "nothing",
        locate: (field) => `spec.rules[${index}].${field}`,
      };
    }),
    tls: tlsOf(route, hosts),
  };
}

function hostsOf(route: WebSocketRoute, report: Report): readonly HostPattern[] {
  const written = route.spec.hostnames ?? [];
  if (written.length === 0) return [ANY_HOST];
  return written.flatMap((hostname, index) => {
    const host = readHost(hostname, "many-labels");
    if (host !== null) return [host];
    const message = "Expected a DNS name, or *. and a DNS name.";
    report({ field: `spec.hostnames[${index}]`, value: hostname, reason: "UnsupportedValue", message });
    return [];
  });
}

function tlsOf(route: WebSocketRoute, hosts: readonly HostPattern[]): readonly SourceTls[] {
  const { tls } = route.spec;
  if (tls === undefined) return [];
  const minVersion = tls.minVersion === undefined ? null : (`TLSv${tls.minVersion}` as const);
  return [{ hosts, certificateRefs: tls.certificateRefs, minVersion, field: "spec.tls.certificateRefs" }];
}
