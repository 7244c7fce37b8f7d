import type { ObjectRef } from "../base/problem.ts";
import type { EndpointSlice, Ingress, IngressClass, KubernetesSecret, ReferenceGrant, Service } from "./core.ts";
import type { WebSocketRoute } from "./websocket-route.ts";

/**
 * One consistent look at everything that Fairlead watches, in no particular order. Every object in it passed the schema.
 * An object that became unreadable is here in its last readable version and named in `stale`; a deleted one is gone.
 */
export type View = {
  readonly ingresses: readonly Ingress[];
  readonly ingressClasses: readonly IngressClass[];
  readonly webSocketRoutes: readonly WebSocketRoute[];
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly secrets: readonly KubernetesSecret[];
  readonly referenceGrants: readonly ReferenceGrant[];
  readonly stale: readonly StaleObject[];
};

/** An object of which the last good version is served, and why its newer one cannot be. */
export type StaleObject = { readonly object: ObjectRef; readonly message: string };
