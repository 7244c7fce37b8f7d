import type { Metadata } from "./core.ts";

/** fairlead.dev/v1alpha1 WebSocketRoute. Stands in until `npm run generate` writes it from crds/websocketroutes.yaml. */
export type WebSocketRoute = {
  readonly apiVersion: "fairlead.dev/v1alpha1";
  readonly kind: "WebSocketRoute";
  readonly metadata: Metadata;
  readonly spec: WebSocketRouteSpec;
  readonly status?: unknown;
};

export type WebSocketRouteSpec = {
  readonly ingressClassName?: string;
  readonly hostnames?: readonly string[];
  readonly tls?: { readonly certificateRefs: readonly ObjectReference[]; readonly minVersion?: "1.2" | "1.3" };
  readonly rules: readonly WebSocketRouteRule[];
};

export type ObjectReference = {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
};

export type WebSocketRouteRule = {
  readonly name: string;
  readonly matches?: readonly WebSocketRouteMatch[];
  readonly filters?: readonly WebSocketRouteFilter[];
  readonly backendRefs: readonly BackendReference[];
  readonly timeouts?: {
    readonly connect?: string;
    readonly handshake?: string;
    readonly idle?: string;
    readonly maxConnectionDuration?: string;
    readonly close?: string;
  };
  readonly drain?: {
    readonly code?: number;
    readonly reason?: string;
    readonly window?: string;
    readonly onRouteDeleted?: "Keep" | "Close";
  };
  readonly backendTLS?: {
    readonly caCertificateRefs?: readonly ObjectReference[];
    readonly hostname?: string;
    readonly insecureSkipVerify?: boolean;
  };
};

export type BackendReference = ObjectReference & { readonly port: number; readonly weight?: number };

export type WebSocketRouteMatch = {
  readonly path?: { readonly type?: "Exact" | "PathPrefix" | "RegularExpression"; readonly value?: string };
  readonly headers?: readonly WrittenFieldMatch[];
  readonly queryParams?: readonly WrittenFieldMatch[];
  readonly subprotocols?: readonly string[];
};

export type WrittenFieldMatch = {
  readonly type?: "Exact" | "RegularExpression";
  readonly name: string;
  readonly value: string;
};

export type WrittenHeader = { readonly name: string; readonly value: string };

export type HeaderModifier = {
  readonly set?: readonly WrittenHeader[];
  readonly add?: readonly WrittenHeader[];
  readonly remove?: readonly string[];
};

export type WebSocketRouteFilter = {
  readonly type: "URLRewrite" | "RequestHeaderModifier" | "ResponseHeaderModifier";
  readonly urlRewrite?: {
    readonly hostname?: string;
    readonly path?: {
      readonly type: "ReplaceFullPath" | "ReplacePrefixMatch";
      readonly replaceFullPath?: string;
      readonly replacePrefixMatch?: string;
    };
  };
  readonly requestHeaderModifier?: HeaderModifier;
  readonly responseHeaderModifier?: HeaderModifier;
};
