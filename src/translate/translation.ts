import type { ConditionType, ObjectRef, Problem } from "../base/problem.ts";
import type { Secret } from "../base/secret.ts";
import type { TlsVersion } from "../table/certificate-table.ts";
import type { Tables } from "../table/tables.ts";

/** What an operator decides about translation; the rest is in the objects. */
export type TranslateOptions = {
  readonly classes: ClassOptions;
  /** Shown to TLS clients whose server name no object has settings for; null refuses them. */
  readonly defaultCertificate: DefaultCertificate | null;
  /** The oldest TLS version of any host; objects may ask for a newer one, never for an older. */
  readonly minTlsVersion: TlsVersion;
  /** The Secret with the keys of session tickets; null for keys of each process's own. */
  readonly ticketKeys: { readonly namespace: string; readonly name: string } | null;
  /** What the grace period leaves for a route's drain window and close timeout; longer windows are clamped. */
  readonly maxDrainMs: number;
  /** True where whoever writes endpoints also owns this machine: loopback addresses are then endpoints like others. */
  readonly allowLoopbackEndpoints: boolean;
  /** True in standalone mode: a Service without EndpointSlices may name its endpoints in fairlead.dev/standalone-endpoints. */
  readonly standaloneEndpoints: boolean;
};

/** Which classes this installation serves. */
export type ClassOptions = {
  /** IngressClasses with this spec.controller are ours. */
  readonly controllerName: string;
  /** Serve these classes only; empty serves every class of the controller. */
  readonly names: readonly string[];
  /** False where IngressClass objects may not be read: `names` alone then say which classes there are, and none is the default. */
  readonly readObjects: boolean;
};

/** A Secret of the view, or a pair that was made at start. */
export type DefaultCertificate =
  | { readonly type: "Secret"; readonly namespace: string; readonly name: string }
  | { readonly type: "Pair"; readonly chain: string; readonly key: Secret };

/** What became of a whole view. Equal views and options give equal translations, whatever the order of the objects. */
export type Translation = {
  readonly tables: Tables;
  /** Sorted by object, then field. */
  readonly problems: readonly Problem[];
  /** One for each Ingress and WebSocketRoute that this installation serves, sorted by object. */
  readonly statuses: readonly ObjectStatus[];
  /** The Ingresses and WebSocketRoutes that are left to other controllers. */
  readonly unserved: readonly ObjectRef[];
};

/** What is to be written into one object's status. */
export type ObjectStatus = {
  readonly object: ObjectRef;
  readonly conditions: readonly Condition[];
  /** `chat:8080, chat-canary:8080`, for people. */
  readonly backends: string;
};

/** A condition in the words of Gateway API; the writer adds lastTransitionTime. */
export type Condition = {
  readonly type: ConditionType;
  readonly status: "True" | "False";
  /** The metadata.generation that was translated; null where objects have none. */
  readonly observedGeneration: number | null;
  readonly reason: string;
  readonly message: string;
};
