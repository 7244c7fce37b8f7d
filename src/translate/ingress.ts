import type { Ingress, IngressPath } from "../api/core.ts";
import type { HostPattern } from "../table/routing-table.ts";
import { type ReadAnnotations, readAnnotations } from "./annotations/read-annotations.ts";
import { type Report, show } from "./findings.ts";
import { ANY_HOST, distinctHosts, readHost } from "./hosts.ts";
import { specOf, type WrittenPath } from "./ingress-rule.ts";
import type { Source, SourceRule, SourceTls } from "./source.ts";

/** An Ingress in the shape that is translated: each of its paths is a rule, and so is its default backend. */
export function sourceOfIngress(ingress: Ingress, report: Report): Source {
  const annotations = readAnnotations(ingress.metadata, report);
  const hosts = readHosts(ingress, report);
  return {
    object: ingress,
    group: "networking.k8s.io",
    rules: [...pathRules(ingress, hosts, annotations, report), ...defaultRules(ingress, hosts, annotations)],
    tls: tlsOf(ingress, hosts, annotations, report),
  };
}

const CONDITIONS = ["match-headers", "match-query-params", "subprotocols"];
const PATH_TYPES: ReadonlySet<string> = new Set(["Exact", "Prefix", "ImplementationSpecific"]);

/** The host of each rule; null where it cannot be read. */
type Hosts = readonly (HostPattern | null)[];

function readHosts(ingress: Ingress, report: Report): Hosts {
  return (ingress.spec?.rules ?? []).map(({ host = "" }, index) =>
    host === "" ? ANY_HOST : readReportedHost(host, `spec.rules[${index}].host`, report),
  );
}

function readReportedHost(written: string, field: string, report: Report): HostPattern | null {
  const host = readHost(written, "one-label");
  if (host === null) {
    const message = "Expected a DNS name, or *. and a DNS name.";
    report({ field, value: written, reason: "UnsupportedValue", message });
  }
  return host;
}

function pathRules(
  ingress: Ingress,
  hosts: Hosts,
  annotations: ReadAnnotations,
  report: Report,
): readonly SourceRule[] {
  return (ingress.spec?.rules ?? []).flatMap((rule, ruleIndex) => {
    const host = hosts[ruleIndex] ?? null;
    if (host === null) return [];
    return (rule.http?.paths ?? []).map((path, pathIndex): SourceRule => {
      const place = `spec.rules[${ruleIndex}].http.paths[${pathIndex}]`;
      return {
        ...common(annotations),
        name: `${show(path.pathType, 30)} ${show(rule.host ?? "*", 253)}${show(path.path ?? "/", 1024)}`,
        hosts: [host],
        rank: "normal",
        spec: specOf(annotations.settings, matchOf(path, annotations), path.backend),
        unreadable: checkPathType(path, place, report) ? unreadableOf(annotations, path.pathType) : "conditions",
        locate: locator(annotations, place),
      };
    });
  });
}

/** The API server refuses such a path; one that came here all the same must not fall to a shorter one. */
function checkPathType({ pathType }: IngressPath, place: string, report: Report): boolean {
  if (PATH_TYPES.has(pathType)) return true;
  const message = "Expected Exact, Prefix or ImplementationSpecific.";
  report({ field: `${place}.pathType`, value: pathType, reason: "UnsupportedValue", message });
  return false;
}

function unreadableOf({ unreadable }: ReadAnnotations, pathType: IngressPath["pathType"]): SourceRule["unreadable"] {
  if (unreadable.has("use-regex") && pathType === "ImplementationSpecific") return "path";
  return CONDITIONS.some((name) => unreadable.has(name)) ? "conditions" : "nothing";
}

/** The last rule of each of its hosts; of an Ingress that names none, the last of all. */
function defaultRules(ingress: Ingress, hosts: Hosts, annotations: ReadAnnotations): readonly SourceRule[] {
  const backend = ingress.spec?.defaultBackend;
  if (backend === undefined) return [];
  const namesHosts = hosts.some((host) => host?.type !== "any");
  const spec = specOf(annotations.settings, { type: "PathPrefix", value: "/" }, backend);
  const rank = namesHosts ? "last" : "fallback";
  const own = distinctHosts(hosts.filter((host) => host !== null));
  const locate = locator(annotations, "spec.defaultBackend");
  const unreadable = unreadableOf(annotations, "Prefix");
  return [{ ...common(annotations), name: "default", hosts: own, rank, spec, unreadable, locate }];
}

function common({
  settings,
  refusal,
}: ReadAnnotations): Pick<SourceRule, "escapedSlashes" | "redirectToHttps" | "refusal"> {
  return {
    escapedSlashes: settings.ingress?.escapedSlashes ?? "Keep",
    redirectToHttps: settings.ingress?.sslRedirect ?? true,
    refusal,
  };
}

function matchOf({ path = "", pathType }: IngressPath, annotations: ReadAnnotations): WrittenPath {
  if (pathType === "Exact") return { type: "Exact", value: path };
  if (pathType !== "ImplementationSpecific") return { type: "PathPrefix", value: path };
  const useRegex = annotations.settings.ingress?.useRegex === true;
  return { type: useRegex ? "RegularExpression" : "PathPrefix", value: path === "" ? "/" : path };
}

/** Where an Ingress says what a WebSocketRoute says in a field of a rule: in an annotation, or at the path. */
function locator(annotations: ReadAnnotations, place: string): SourceRule["locate"] {
  const backend = place.endsWith("defaultBackend") ? place : `${place}.backend`;
  return (field) => {
    const annotation = annotations.locate(field);
    if (annotation !== null) return annotation;
    if (field.startsWith("matches")) return backend === place ? place : `${place}.path`;
    const part = /^backendRefs\[0\]\.(name|port)/u.exec(field)?.[1];
    if (part !== undefined) return `${backend}.service.${part}`;
    return field.startsWith("backendRefs") ? backend : "metadata.annotations";
  };
}

function tlsOf(ingress: Ingress, hosts: Hosts, annotations: ReadAnnotations, report: Report): readonly SourceTls[] {
  const version = annotations.settings.ingress?.minTlsVersion;
  return (ingress.spec?.tls ?? []).map((tls, index): SourceTls => {
    const written = tls.hosts ?? [];
    const named = written.map((host, at) => readReportedHost(host, `spec.tls[${index}].hosts[${at}]`, report));
    const all = (written.length === 0 ? hosts : named).filter((host) => host !== null);
    const secretName = tls.secretName ?? "";
    return {
      hosts: distinctHosts(hosts.length === 0 && written.length === 0 ? [ANY_HOST] : all),
      certificateRefs: secretName === "" ? [] : [{ name: secretName }],
      minVersion: version === undefined ? null : `TLSv${version}`,
      field: `spec.tls[${index}].secretName`,
    };
  });
}
