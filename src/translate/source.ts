import type { WebSocketRouteRule } from "../api/websocket-route.ts";
import type { TlsVersion } from "../table/certificate-table.ts";
import type { HostPattern } from "../table/routing-table.ts";
import type { Dated } from "./order.ts";

/** An object that routes, in the one shape that WebSocketRoutes and Ingresses are rewritten into. */
export type Source = {
  readonly object: Dated;
  /** The group that a ReferenceGrant names this object by. */
  readonly group: string;
  readonly rules: readonly SourceRule[];
  readonly tls: readonly SourceTls[];
};

/** A rule as a WebSocketRoute writes it, and what only its kind knows. */
export type SourceRule = {
  /** Unique within the object. */
  readonly name: string;
  readonly hosts: readonly HostPattern[];
  /** `last` comes after every other rule of its hosts; `fallback` after every rule of every host. */
  readonly rank: "normal" | "last" | "fallback";
  readonly spec: RuleSpec;
  readonly escapedSlashes: "Keep" | "Reject";
  readonly redirectToHttps: boolean;
  /** Why the rule is refused before it is looked at: something that its kind writes elsewhere could not be read. */
  readonly refusal: string | null;
  /** What of the rule's matches could not even be written into `spec`; the rule then takes no request from another object. */
  readonly unreadable: "nothing" | "conditions" | "path";
  /** Where the author wrote a field of the rule, such as `backendRefs[0].port`. */
  readonly locate: (field: string) => string;
};

/** A rule whose backends may name their ports, as Ingresses do. */
export type RuleSpec = Omit<WebSocketRouteRule, "name" | "backendRefs"> & {
  readonly backendRefs: readonly SourceBackend[];
};

/** Names an object as authors do: the core group, the expected kind and the author's own namespace go without saying. */
export type Reference = {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly name: string;
  readonly namespace?: string | undefined;
};

/** A reference to a Service port by number or, as a string, by name. */
export type SourceBackend = Reference & { readonly port: number | string; readonly weight?: number | undefined };

/** The TLS settings that an object asks for, for some of its hosts. */
export type SourceTls = {
  readonly hosts: readonly HostPattern[];
  /** Empty for the default certificate. */
  readonly certificateRefs: readonly Reference[];
  readonly minVersion: TlsVersion | null;
  /** Where certificateRefs are written. */
  readonly field: string;
};
