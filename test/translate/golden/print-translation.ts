import { Document, isCollection, isMap, isPair, isScalar, type Node, visit } from "yaml";
import type { Certificate, HostTls } from "../../../src/table/certificate-table.ts";
import type { Endpoint } from "../../../src/table/endpoint-table.ts";
import type { Entry, Forward, HostPattern, Match, Rule } from "../../../src/table/routing-table.ts";
import type { ObjectStatus, Translation } from "../../../src/translate/translation.ts";

const FLOW_LENGTH = 150;

/** A translation as people review it: shared rules are anchors, what equals the default is left out, keys never show. */
export function printTranslation(translation: Translation): string {
  const { routing, endpoints, certificates } = translation.tables;
  const printed = new Map<Rule, object>();
  const entries = (list: readonly Entry[]) => list.map((entry) => printEntry(entry, printed));
  const tree = {
    routing: Object.fromEntries(routing.groups.map((group) => [printHost(group.host), entries(group.entries)])),
    ...(routing.fallback.length > 0 ? { fallback: entries(routing.fallback) } : {}),
    ...(endpoints.size > 0 ? { endpoints: Object.fromEntries([...endpoints].map(printPool)) } : {}),
    ...(certificates.hosts.length > 0 ? { tls: Object.fromEntries(certificates.hosts.map(printHostTls)) } : {}),
    ...(certificates.fallback === null ? {} : { defaultTls: printHostTls(certificates.fallback)[1] }),
    ...(certificates.ticketKeys === null ? {} : { ticketKeys: String(certificates.ticketKeys) }),
    ...(certificates.certificates.size > 0
      ? { certificates: Object.fromEntries([...certificates.certificates.values()].map(printCertificate)) }
      : {}),
    ...(translation.problems.length > 0
      ? {
          problems: translation.problems.map(({ object, ...problem }) => ({
            object: `${object.kind} ${object.namespace}/${object.name}`,
            ...problem,
          })),
        }
      : {}),
    statuses: Object.fromEntries(translation.statuses.map(printStatus)),
  };
  const document = new Document(tree, { aliasDuplicateObjects: true, anchorPrefix: "rule" });
  visit(document, { Collection: (_key, node) => void (node.flow = isShort(node)) });
  return document.toString({ lineWidth: 0 });
}

function printEntry({ match, rule }: Entry, printed: Map<Rule, object>): object {
  const known = printed.get(rule) ?? printRule(rule);
  printed.set(rule, known);
  return { match: printMatch(match), rule: known };
}

function printMatch({ path, headers, queryParams, subprotocols }: Match): string {
  const fields = (kind: string, list: Match["headers"]) =>
    list.map(({ type, name, value }) => `${kind} ${name} ${type === "Exact" ? "=" : "~"} ${value}`);
  const offered = subprotocols.length === 0 ? [] : [`subprotocol ${subprotocols.join(" or ")}`];
  return [`${path.type} ${path.value}`, ...fields("header", headers), ...fields("query", queryParams), ...offered].join(
    " and ",
  );
}

function printRule({ name, action }: Rule): object {
  const shown = `${name.kind} ${name.namespace}/${name.name} ${name.rule}`;
  if (action.type === "Refuse") return { name: shown, refuse: action.status, detail: action.detail };
  return { name: shown, ...printForward(action) };
}

const DEFAULTS: Pick<Forward, "rewrite" | "requestHeaders" | "responseHeaders" | "timeouts" | "keepalive" | "drain"> = {
  rewrite: { hostname: null, path: null },
  requestHeaders: { set: [], add: [], remove: [] },
  responseHeaders: { set: [], add: [], remove: [] },
  timeouts: { connectMs: 5000, handshakeMs: 10_000, idleMs: 3_600_000, maxConnectionDurationMs: 0, closeMs: 5000 },
  keepalive: { pingIntervalMs: 0, pongTimeoutMs: 10_000 },
  drain: { code: 1012, reason: "service restart", windowMs: 60_000, onRouteDeleted: "Keep" },
};

function printForward(forward: Forward): object {
  const departures = Object.entries(DEFAULTS).map(([part, usual]) => {
    const actual = Object.entries(forward[part as keyof typeof DEFAULTS]);
    const unlike = actual.filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key as keyof typeof usual]),
    );
    return [part, Object.fromEntries(unlike)] as const;
  });
  return {
    backends: forward.backends.map((backend) =>
      backend.type === "Refuse"
        ? { weight: backend.weight, refuse: backend.status, detail: backend.detail }
        : {
            weight: backend.weight,
            pool: backend.pool,
            ...(backend.tls === null ? {} : { tls: printTls(backend.tls) }),
          },
    ),
    ...Object.fromEntries(departures.filter(([, unlike]) => Object.keys(unlike).length > 0)),
    escapedSlashes: forward.escapedSlashes,
    redirectToHttps: forward.redirectToHttps,
    ...(forward.policies.size > 0 ? { policies: Object.fromEntries(forward.policies) } : {}),
  };
}

function printTls(tls: { serverName: string; verify: boolean; ca: string | null }): object {
  const roots = tls.ca === null ? "system" : `${tls.ca.split("BEGIN CERTIFICATE").length - 1} of its own`;
  return { serverName: tls.serverName, verify: tls.verify, roots };
}

function printHost(host: HostPattern): string {
  if (host.type === "exact") return host.name;
  if (host.type === "any") return "any";
  return `*.${host.suffix} (${host.type})`;
}

function printPool([pool, endpoints]: readonly [string, readonly Endpoint[]]): [string, string[]] {
  return [pool, endpoints.map(printEndpoint)];
}

function printEndpoint(endpoint: Endpoint): string {
  const address = endpoint.address.includes(":") ? `[${endpoint.address}]` : endpoint.address;
  const words = [
    ...(endpoint.ready ? [] : ["unready"]),
    ...(endpoint.serving === endpoint.ready ? [] : ["serving"]),
    ...(endpoint.terminating ? ["terminating"] : []),
    ...endpoint.zones.map((zone) => `zone ${zone}`),
  ];
  return [`${address}:${endpoint.port}`, ...words].join(" ");
}

function printHostTls({ host, certificates, minVersion }: HostTls): [string, object] {
  return [printHost(host), { certificates: certificates.map((id) => id.slice(0, 8)), minVersion }];
}

function printCertificate({ id, chain, key, notAfterMs, secret }: Certificate): [string, object] {
  const length = chain.split("BEGIN CERTIFICATE").length - 1;
  return [
    id.slice(0, 8),
    { chain: length, key: String(key), notAfter: new Date(notAfterMs).toISOString().slice(0, 10), secret },
  ];
}

function printStatus({ object, conditions, backends }: ObjectStatus): [string, object] {
  const words = conditions.map(({ type, status, reason }) => {
    const because = reason === type ? "" : ` (${reason})`;
    return `${status === "True" ? "" : "not "}${type}${because}`;
  });
  return [`${object.kind} ${object.namespace}/${object.name}`, { conditions: words.join(", "), backends }];
}

/** True of a collection that reads better on one line. */
function isShort(node: Node): boolean {
  if (!isCollection(node)) return false;
  const leaves = node.items.map((item) => (isPair(item) ? item.value : item));
  const areLeaves = leaves.every((leaf) => isScalar(leaf) || (isCollection(leaf) && isShort(leaf)));
  const isRule = isMap(node) && node.has("escapedSlashes");
  return areLeaves && !isRule && JSON.stringify(node).length < FLOW_LENGTH && node.anchor === undefined;
}
