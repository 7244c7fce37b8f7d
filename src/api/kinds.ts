import type { View } from "./view.ts";

/** A list of objects in the view. */
export type ViewKey = Exclude<keyof View, "stale">;

/** One kind of object that Fairlead watches. */
export type WatchedKind = {
  /** Empty for the core group. */
  readonly group: string;
  /** The versions that are read, the preferred one first. */
  readonly versions: readonly string[];
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** How it is read from a cluster, and so what RBAC has to grant. `get`: only the objects that others name, one by one. */
  readonly access: "watch" | "get";
  /** Where its objects are in the View. */
  readonly view: ViewKey;
};

/** Every watched kind, once. RBAC, the watches, the file reader and the validator derive from this table. */
export const KINDS = [
  {
    group: "fairlead.dev",
    versions: ["v1alpha1"],
    kind: "WebSocketRoute",
    plural: "websocketroutes",
    namespaced: true,
    access: "watch",
    view: "webSocketRoutes",
  },
  {
    group: "networking.k8s.io",
    versions: ["v1"],
    kind: "Ingress",
    plural: "ingresses",
    namespaced: true,
    access: "watch",
    view: "ingresses",
  },
  {
    group: "networking.k8s.io",
    versions: ["v1"],
    kind: "IngressClass",
    plural: "ingressclasses",
    namespaced: false,
    access: "watch",
    view: "ingressClasses",
  },
  {
    group: "",
    versions: ["v1"],
    kind: "Service",
    plural: "services",
    namespaced: true,
    access: "watch",
    view: "services",
  },
  {
    group: "discovery.k8s.io",
    versions: ["v1"],
    kind: "EndpointSlice",
    plural: "endpointslices",
    namespaced: true,
    access: "watch",
    view: "endpointSlices",
  },
  {
    group: "",
    versions: ["v1"],
    kind: "Secret",
    plural: "secrets",
    namespaced: true,
    access: "get",
    view: "secrets",
  },
  {
    group: "gateway.networking.k8s.io",
    versions: ["v1", "v1beta1"],
    kind: "ReferenceGrant",
    plural: "referencegrants",
    namespaced: true,
    access: "watch",
    view: "referenceGrants",
  },
] as const satisfies readonly WatchedKind[];

/** The name of a row of KINDS. */
export type KindName = (typeof KINDS)[number]["kind"];

/** The row for what an object says of itself, or undefined if Fairlead does not watch it. */
export function findKind(apiVersion: string, kind: string): (typeof KINDS)[number] | undefined {
  return KINDS.find((row) => row.kind === kind && apiVersionsOf(row).includes(apiVersion));
}

/** `group/version` for each version that is read; the version alone in the core group. */
export function apiVersionsOf(row: WatchedKind): readonly string[] {
  return row.versions.map((version) => (row.group === "" ? version : `${row.group}/${version}`));
}
