import type {
  EndpointSlice,
  Ingress,
  IngressPath,
  KubernetesSecret,
  Service,
  ServicePort,
  SliceEndpoint,
} from "../../src/api/core.ts";
import type { WebSocketRoute, WebSocketRouteRule, WebSocketRouteSpec } from "../../src/api/websocket-route.ts";
import { keepSecret } from "./sentinels.ts";

/** An object as a file holds it. */
export type Manifest = WebSocketRoute | Ingress | Service | EndpointSlice | KubernetesSecret;

/** The text of a file with these objects. JSON is YAML. */
export function manifestText(...items: readonly Manifest[]): string {
  return `${JSON.stringify({ apiVersion: "v1", kind: "List", items }, null, 1)}\n`;
}

/** A Service with the port 80; `ports` of loopback become its endpoints, null leaves that to EndpointSlices. */
export function service(name: string, ports: readonly number[] | null, port: Partial<ServicePort> = {}): Service {
  const endpoints = ports?.map((each) => `127.0.0.1:${each}`).join(",");
  const annotations = endpoints === undefined ? {} : { "fairlead.dev/standalone-endpoints": endpoints };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, annotations },
    spec: { ports: [{ name: "web", port: 80, ...port }] },
  };
}

/** The endpoints of a Service's port `web`, all on one port of different loopback addresses. */
export function slice(name: string, port: number, endpoints: readonly SliceEndpoint[]): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-1`, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints,
    ports: [{ name: "web", port, protocol: "TCP" }],
  };
}

/** A rule for a path prefix that goes to the port 80 of Services. */
export function rule(
  name: string,
  prefix: string,
  services: readonly string[],
  more: Partial<WebSocketRouteRule> = {},
): WebSocketRouteRule {
  return {
    name,
    matches: [{ path: { type: "PathPrefix", value: prefix } }],
    backendRefs: services.map((each) => ({ name: each, port: 80 })),
    ...more,
  };
}

/** A route for every host, unless `more` names some. */
export function route(
  name: string,
  rules: readonly WebSocketRouteRule[],
  more: Partial<WebSocketRouteSpec> = {},
): WebSocketRoute {
  return { apiVersion: "fairlead.dev/v1alpha1", kind: "WebSocketRoute", metadata: { name }, spec: { rules, ...more } };
}

/** What an Ingress may differ in. */
export type IngressChoices = {
  readonly annotations?: Readonly<Record<string, string>>;
  /** Hosts with TLS, by the Secret that serves them. */
  readonly tls?: Readonly<Record<string, readonly string[]>>;
  readonly path?: string;
};

/** An Ingress of one host that sends everything to the port 80 of a Service. */
export function ingress(name: string, host: string, backend: string, choices: IngressChoices = {}): Ingress {
  const path: IngressPath = {
    path: choices.path ?? "/",
    pathType: "Prefix",
    backend: { service: { name: backend, port: { number: 80 } } },
  };
  const tls = Object.entries(choices.tls ?? {}).map(([secretName, hosts]) => ({ hosts, secretName }));
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, ...(choices.annotations ? { annotations: choices.annotations } : {}) },
    spec: { ingressClassName: "fairlead", rules: [{ host, http: { paths: [path] } }], tls },
  };
}

/** The Secret that --tls-ticket-keys names. */
export function ticketSecret(name: string, keys: Buffer): KubernetesSecret {
  const data = { "ticket.key": keys.toString("base64") };
  keepSecret(data["ticket.key"]);
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, type: "Opaque", data };
}

/** A TLS Secret of a PEM pair. */
export function tlsSecret(name: string, pair: { readonly chain: string; readonly key: string }): KubernetesSecret {
  keepSecret(pair.key);
  const encode = (text: string): string => Buffer.from(text).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name },
    type: "kubernetes.io/tls",
    data: { "tls.crt": encode(pair.chain), "tls.key": encode(pair.key) },
  };
}
