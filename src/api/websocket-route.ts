// Generated from crds/websocketroutes.yaml by `npm run generate`. Do not edit.
import type { Metadata } from "./core.ts";

/** fairlead.dev/v1alpha1 WebSocketRoute. */
export type WebSocketRoute = {
  readonly apiVersion: "fairlead.dev/v1alpha1";
  readonly kind: "WebSocketRoute";
  readonly metadata: Metadata;
  readonly spec: WebSocketRouteSpec;
  readonly status?: WebSocketRouteStatus;
};

/** What the author wants. */
export type WebSocketRouteSpec = {
  /** The IngressClass that serves this route. Default "fairlead". */
  readonly ingressClassName?: string;
  /** The hosts that this route answers; absent or empty for every host. A wildcard matches one or more labels. */
  readonly hostnames?: readonly string[];
  /** How the hosts are served over TLS. */
  readonly tls?: WrittenTls;
  /** The rules of the route. Within a route the first rule and match in list order wins between equals. */
  readonly rules: readonly WebSocketRouteRule[];
};

/** How the hosts are served over TLS. */
export type WrittenTls = {
  /** Secrets of type kubernetes.io/tls, in order of preference; several for keys of several types. */
  readonly certificateRefs: readonly SecretReference[];
  /** The oldest TLS version that is accepted. Default "1.2". */
  readonly minVersion?: "1.2" | "1.3";
};

/** Names a Secret. */
export type SecretReference = {
  /** The API group of the referent; empty for the core group. Default "". */
  readonly group?: "";
  /** The kind of the referent. Default "Secret". */
  readonly kind?: "Secret";
  /** The name of the Secret. */
  readonly name: string;
  /** The namespace of the Secret, when it is not the route's own; its owner must grant this with a ReferenceGrant. */
  readonly namespace?: string;
};

/** Sends what matches to backends. */
export type WebSocketRouteRule = {
  /** Names the rule within the route, in status, logs and metrics. */
  readonly name: string;
  /** The rule applies if any of these matches. Default [{"path":{"type":"PathPrefix","value":"/"}}]. */
  readonly matches?: readonly WebSocketRouteMatch[];
  /** Changes to requests and responses, at most one of each type. */
  readonly filters?: readonly WebSocketRouteFilter[];
  /** The Services that share the traffic of this rule by weight. */
  readonly backendRefs: readonly BackendReference[];
  /** How long things may take, as durations such as 10s or 1h30m (GEP-2257). */
  readonly timeouts?: WrittenTimeouts;
  /** Pings of Fairlead's own, to both peers; absent for none. They find peers that died without a word, and keep middleboxes from forgetting the connection. They are no traffic of the application's: timeouts.idle goes on. */
  readonly keepalive?: {
    /** A peer that has sent nothing for this long is sent a Ping. */
    readonly pingInterval?: string;
    /** A peer that sends nothing for this long after a Ping is gone, and the connection is closed; any byte is a sign of life. 10s if absent. */
    readonly pongTimeout?: string;
  };
  /** How sockets are told to go when this replica stops or the route is deleted. */
  readonly drain?: WrittenDrain;
  /** How backends are verified whose Service port has the appProtocol kubernetes.io/wss or https. */
  readonly backendTLS?: WrittenBackendTls;
  /** Who may open a WebSocket here. */
  readonly security?: WrittenSecurity;
};

/** Matches a request if all of its parts do. */
export type WebSocketRouteMatch = {
  /** What the path must be. A request with an escaped slash (%2F) in its path is answered 400. Default {"type":"PathPrefix","value":"/"}. */
  readonly path?: WrittenPathMatch;
  /** Header fields that must all match. */
  readonly headers?: readonly WrittenFieldMatch[];
  /** Query parameters that must all match; of a repeated one the first counts. */
  readonly queryParams?: readonly WrittenFieldMatch[];
  /** WebSocket subprotocols of which the client must offer any. A match with subprotocols matches handshakes only, never ordinary requests. */
  readonly subprotocols?: readonly string[];
};

/** What the path must be. A request with an escaped slash (%2F) in its path is answered 400. Default {"type":"PathPrefix","value":"/"}. */
export type WrittenPathMatch = {
  /** How value is compared. PathPrefix matches by path element: /ws matches /ws and /ws/x, not /wsx. A RegularExpression is RE2 and must match the whole path. Default "PathPrefix". */
  readonly type?: "Exact" | "PathPrefix" | "RegularExpression";
  /** The path, prefix or pattern, without a query. Default "/". */
  readonly value?: string;
};

/** One header field that must match. */
export type WrittenFieldMatch = {
  /** How value is compared; a RegularExpression is RE2 and must match the whole value. Default "Exact". */
  readonly type?: "Exact" | "RegularExpression";
  /** The name of the field, compared without case; without underscore, because no field with one is taken from a client. */
  readonly name: string;
  /** What the header field must be. */
  readonly value: string;
};

/** One change, in the member that its type names. */
export type WebSocketRouteFilter = {
  /** Which member is set. */
  readonly type: "URLRewrite" | "RequestHeaderModifier" | "ResponseHeaderModifier";
  /** Changes the host and path that the backend sees. */
  readonly urlRewrite?: WrittenRewrite;
  /** Changes the header fields that the backend sees. Applied in the order remove, set, add. */
  readonly requestHeaderModifier?: HeaderModifier;
  /** Changes the header fields of the answer, a 101 included. Applied in the order remove, set, add. */
  readonly responseHeaderModifier?: HeaderModifier;
};

/** Changes the host and path that the backend sees. */
export type WrittenRewrite = {
  /** The Host that the backend sees. */
  readonly hostname?: string;
  /** The path that the backend sees; the query stays. */
  readonly path?: {
    /** Which member is set. */
    readonly type: "ReplaceFullPath" | "ReplacePrefixMatch";
    /** Replaces the whole path. */
    readonly replaceFullPath?: string;
    /** Replaces what the PathPrefix match matched. */
    readonly replacePrefixMatch?: string;
  };
};

/** Changes the header fields that the backend sees. Applied in the order remove, set, add. */
export type HeaderModifier = {
  /** Replaces every field of that name, or adds it. */
  readonly set?: readonly WrittenHeader[];
  /** Adds the field after those of that name. */
  readonly add?: readonly WrittenHeader[];
  /** Removes every field of that name. */
  readonly remove?: readonly string[];
};

/** A header field. */
export type WrittenHeader = {
  /** The name of the field, written to the wire in this casing; compared without case. */
  readonly name: string;
  /** The value of the field, in visible ASCII with inner spaces and tabs. */
  readonly value: string;
};

/** A port of a Service and its share. */
export type BackendReference = {
  /** The API group of the referent; empty for the core group. Default "". */
  readonly group?: "";
  /** The kind of the referent. Default "Service". */
  readonly kind?: "Service";
  /** The name of the Service. */
  readonly name: string;
  /** The namespace of the Service, when it is not the route's own; its owner must grant this with a ReferenceGrant. */
  readonly namespace?: string;
  /** The port of the Service, by number. */
  readonly port: number;
  /** The share, relative to the sum of all weights; 0 gets nothing. If all are 0 the rule answers 503. Default 1. */
  readonly weight?: number;
};

/** How long things may take, as durations such as 10s or 1h30m (GEP-2257). */
export type WrittenTimeouts = {
  /** For one connection to an endpoint, its TLS included; 5s if absent. */
  readonly connect?: string;
  /** From the request head to the 101, or to the head of an ordinary response, over all attempts; 10s if absent. */
  readonly handshake?: string;
  /** Without a frame in either direction, or a byte of an ordinary body; 0s for no limit, 1h if absent. */
  readonly idle?: string;
  /** For the whole life of a WebSocket, shortened by up to a tenth at random so that ends spread; 0s or absent for no limit. */
  readonly maxConnectionDuration?: string;
  /** For the peer to answer a Close frame and to end its half of the connection; 5s if absent. */
  readonly close?: string;
};

/** How sockets are told to go when this replica stops or the route is deleted. */
export type WrittenDrain = {
  /** The close code for the client (RFC 6455 7.4). Default 1012. */
  readonly code?: number;
  /** The close reason for the client, at most 123 bytes of UTF-8; "service restart" if absent. */
  readonly reason?: string;
  /** Closes are spread evenly over this time; 0s for all at once, 60s if absent. */
  readonly window?: string;
  /** What becomes of the open sockets of a rule that is deleted. Default "Keep". */
  readonly onRouteDeleted?: "Keep" | "Close";
};

/** How backends are verified whose Service port has the appProtocol kubernetes.io/wss or https. */
export type WrittenBackendTls = {
  /** Secrets with the roots to trust in ca.crt; absent for the system's roots. */
  readonly caCertificateRefs?: readonly SecretReference[];
  /** The server name that is sent and that the certificate must carry; absent for service.namespace.svc. */
  readonly hostname?: string;
  /** Accepts any certificate. Default false. */
  readonly insecureSkipVerify?: boolean;
};

/** Who may open a WebSocket here. */
export type WrittenSecurity = {
  /** The Origins from which a browser may open a WebSocket; absent for any. A request without Origin is no browser's and is not refused. */
  readonly allowedOrigins?: readonly string[];
};

/** What became of it, written by Fairlead. */
export type WebSocketRouteStatus = {
  /** The controller that wrote this status. */
  readonly controllerName?: string;
  /** Accepted, ResolvedRefs and Programmed, in the words of Gateway API. */
  readonly conditions?: readonly WrittenCondition[];
  /** The Services and ports of all rules, for people. */
  readonly backends?: string;
  /** Where the route is served. */
  readonly addresses?: readonly {
    /** What value is. */
    readonly type: "IPAddress" | "Hostname";
    /** The address. */
    readonly value: string;
  }[];
};

/** One aspect of the route's state. */
export type WrittenCondition = {
  /** The name of the condition. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: "True" | "False" | "Unknown";
  /** The metadata.generation that this speaks of. */
  readonly observedGeneration?: number;
  /** Why, in one word. */
  readonly reason: string;
  /** Why, in sentences. */
  readonly message: string;
  /** When status last changed. */
  readonly lastTransitionTime: string;
};
