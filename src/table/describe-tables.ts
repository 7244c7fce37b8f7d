import { X509Certificate } from "node:crypto";
import { isCredentialName } from "../base/credential-names.ts";
import type { Certificate, CertificateTable, HostTls } from "./certificate-table.ts";
import type { Endpoint, EndpointTable, PoolKey } from "./endpoint-table.ts";
import type { Backend, BackendTls, Entry, FieldMatch, Forward, HostPattern, RoutingTable } from "./routing-table.ts";
import type { Tables } from "./tables.ts";

/** Tables as plain data for people and programs: JSON-like, in the order of the tables, and without a secret. */
export type TablesDescription = {
  readonly routing: ReturnType<typeof describeRouting>;
  readonly endpoints: ReturnType<typeof describeEndpoints>;
  readonly certificates: ReturnType<typeof describeCertificates>;
};

const HIDDEN = "[hidden]";

/** Everything that the data plane is told. Certificates are named by their SHA-256 fingerprints; keys are left out. */
export function describeTables({ routing, endpoints, certificates }: Tables): TablesDescription {
  return {
    routing: describeRouting(routing),
    endpoints: describeEndpoints(endpoints),
    certificates: describeCertificates(certificates),
  };
}

/** The routing table, host by host; the values of header fields and parameters that may be credentials are hidden. */
export function describeRouting({ groups, fallback }: RoutingTable) {
  return {
    groups: groups.map(({ host, entries }) => ({ host: describeHost(host), entries: entries.map(describeEntry) })),
    fallback: fallback.map(describeEntry),
  };
}

/** `*.suffix` is one label (Ingress), `**.suffix` one or more (WebSocketRoute), `*` every host. */
export function describeHost(host: HostPattern): string {
  if (host.type === "exact") return host.name;
  if (host.type === "any") return "*";
  return host.type === "one-label" ? `*.${host.suffix}` : `**.${host.suffix}`;
}

/** One way to a rule, with all that the rule does. */
export function describeEntry({ match, rule }: Entry) {
  const { path, headers, queryParams, subprotocols } = match;
  return {
    match: {
      path: { ...path },
      headers: headers.map(describeField),
      queryParams: queryParams.map(describeField),
      subprotocols: [...subprotocols],
    },
    rule: { ...rule.name },
    action: rule.action.type === "Refuse" ? { ...rule.action } : describeForward(rule.action),
  };
}

/** Every pool with its endpoints, by `namespace/service:port`. */
export function describeEndpoints(endpoints: EndpointTable) {
  return Object.fromEntries([...endpoints].map(([pool, all]) => [pool, all.map(describeEndpoint)]));
}

/** One pool with its endpoints. */
export function describePool([pool, endpoints]: readonly [PoolKey, readonly Endpoint[]]) {
  return { pool, endpoints: endpoints.map(describeEndpoint) };
}

function describeEndpoint({ zones, ...endpoint }: Endpoint) {
  return { ...endpoint, zones: [...zones] };
}

/** What each server name is answered with. */
export function describeCertificates({ certificates, hosts, fallback, ticketKeys }: CertificateTable) {
  const known = new Map([...certificates].map(([id, certificate]) => [id, describeCertificate(certificate)]));
  const settings = ({ certificates: ids, minVersion }: HostTls) => ({
    certificates: ids.map((id) => known.get(id)?.fingerprint ?? ""),
    minVersion,
  });
  return {
    hosts: hosts.map((each) => ({ host: describeHost(each.host), ...settings(each) })),
    fallback: fallback === null ? null : settings(fallback),
    certificates: [...known.values()],
    sharedTicketKeys: ticketKeys !== null,
  };
}

/** One host with its certificates, for who looks at few of many. */
export function describeHostTls({ host, certificates: ids, minVersion }: HostTls, { certificates }: CertificateTable) {
  const known = ids.map((id) => certificates.get(id)).filter((certificate) => certificate !== undefined);
  return { host: describeHost(host), minVersion, certificates: known.map(describeCertificate) };
}

function describeField({ type, name, value }: FieldMatch) {
  return { type, name, value: isCredentialName(name) ? HIDDEN : value };
}

function describeForward({ backends, requestHeaders, responseHeaders, policies, ...plain }: Forward) {
  const { rewrite, timeouts, keepalive, drain, ...rest } = plain;
  return {
    ...rest,
    backends: backends.map(describeBackend),
    rewrite: { hostname: rewrite.hostname, path: rewrite.path === null ? null : { ...rewrite.path } },
    requestHeaders: describeEdits(requestHeaders),
    responseHeaders: describeEdits(responseHeaders),
    timeouts: { ...timeouts },
    keepalive: { ...keepalive },
    drain: { ...drain },
    policies: Object.fromEntries<unknown>(policies),
  };
}

function describeBackend(backend: Backend) {
  if (backend.type === "Refuse") return { ...backend };
  return { ...backend, tls: backend.tls === null ? null : describeBackendTls(backend.tls) };
}

function describeBackendTls({ serverName, verify, ca }: BackendTls) {
  return { serverName, verify, roots: ca === null ? "system" : fingerprintsOf(ca) };
}

function describeEdits({ set, add, remove }: Forward["requestHeaders"]) {
  const pair = ([name, value]: readonly [string, string]) => ({ name, value: isCredentialName(name) ? HIDDEN : value });
  return { set: set.map(pair), add: add.map(pair), remove: [...remove] };
}

function describeCertificate({ chain, notAfterMs, secret }: Certificate) {
  const leaf = new X509Certificate(chain);
  return {
    fingerprint: leaf.fingerprint256,
    names: leaf.subjectAltName ?? leaf.subject,
    issuer: leaf.issuer,
    notBefore: leaf.validFromDate.toISOString(),
    notAfter: new Date(notAfterMs).toISOString(),
    secret,
  };
}

function fingerprintsOf(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block).fingerprint256);
}
