import type { EndpointSlice, Ingress, Service } from "../../src/api/core.ts";
import type { View } from "../../src/api/view.ts";
import type { WebSocketRoute } from "../../src/api/websocket-route.ts";

/** One application: a route, the Service that it names, and two endpoints. */
export type Application = {
  readonly route: WebSocketRoute | Ingress;
  readonly service: Service;
  readonly slice: EndpointSlice;
};

const TEAMS = 50;

/** The host that application `index` has for itself. */
export function hostOf(index: number): string {
  return `app-${index}.example.com`;
}

/** Application `index`, every second one an Ingress; `connect` is a setting that an edit may change. */
export function makeApplication(index: number, connect = "5s", onOneHost = false): Application {
  const metadata = { namespace: `team-${index % TEAMS}`, name: `app-${index}` };
  const place = onOneHost ? { host: "one.example.com", path: `/app-${index}` } : { host: hostOf(index), path: "/" };
  return {
    route: index % 2 === 0 ? makeRoute(metadata, place, connect) : makeIngress(metadata, place, connect),
    service: { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ name: "web", port: 80 }] } },
    slice: makeSlice(metadata, index, true),
  };
}

/** The endpoints of application `index`; the second is ready or not. */
export function makeSlice(metadata: Named, index: number, ready: boolean): EndpointSlice {
  const address = (last: number): string => `10.${(index >> 8) & 255}.${index & 255}.${last}`;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...metadata, labels: { "kubernetes.io/service-name": metadata.name } },
    addressType: "IPv4",
    ports: [{ name: "web", port: 8080, protocol: "TCP" }],
    endpoints: [{ addresses: [address(1)] }, { addresses: [address(2)], conditions: { ready } }],
  };
}

/** A whole view of applications, with the class that serves them. */
export function makeView(applications: readonly Application[]): View {
  const routes = applications.map(({ route }) => route);
  return {
    ingresses: routes.filter((route) => route.kind === "Ingress"),
    webSocketRoutes: routes.filter((route) => route.kind === "WebSocketRoute"),
    services: applications.map(({ service }) => service),
    endpointSlices: applications.map(({ slice }) => slice),
    ingressClasses: [
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "IngressClass",
        metadata: { name: "fairlead" },
        spec: { controller: "fairlead.dev/ingress-controller" },
      },
    ],
    secrets: [],
    referenceGrants: [],
    stale: [],
  };
}

type Place = { readonly host: string; readonly path: string };

type Named = { readonly namespace: string; readonly name: string };

function makeRoute(metadata: Named, { host, path }: Place, connect: string): WebSocketRoute {
  return {
    apiVersion: "fairlead.dev/v1alpha1",
    kind: "WebSocketRoute",
    metadata,
    spec: {
      ingressClassName: "fairlead",
      hostnames: [host],
      rules: [
        {
          name: "all",
          matches: [{ path: { type: "PathPrefix", value: path } }],
          backendRefs: [{ name: metadata.name, port: 80 }],
          timeouts: { connect, idle: "30m" },
          security: { allowedOrigins: [`https://${host}`] },
        },
      ],
    },
  };
}

function makeIngress(metadata: Named, { host, path }: Place, connect: string): Ingress {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { ...metadata, annotations: { "fairlead.dev/connect-timeout": connect } },
    spec: {
      ingressClassName: "fairlead",
      rules: [
        {
          host,
          http: {
            paths: [{ path, pathType: "Prefix", backend: { service: { name: metadata.name, port: { number: 80 } } } }],
          },
        },
      ],
    },
  };
}
