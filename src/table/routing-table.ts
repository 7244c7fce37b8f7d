import type { RuleName } from "../base/report.ts";
import type { PolicyConfigs } from "../policy/policy.ts";
import type { PoolKey } from "./endpoint-table.ts";

/**
 * Where every request goes. Plain data: printable, comparable and structured-clonable; swapped whole, never edited.
 * Groups are found by host alone, the most specific first, and only the rules of that one group are searched.
 */
export type RoutingTable = {
  readonly groups: readonly HostGroup[];
  /** Tried last in every group and for hosts without a group: the default backends of Ingresses without hosts. */
  readonly fallback: readonly Entry[];
};

/** `exact` one name; `one-label` *.suffix for one label (Ingress); `many-labels` *.suffix for one or more (Gateway API); `any` every host. */
export type HostPattern =
  | { readonly type: "exact"; readonly name: string }
  | { readonly type: "one-label" | "many-labels"; readonly suffix: string }
  | { readonly type: "any" };

/** The rules of one host pattern, in order of precedence: the first entry that matches answers. */
export type HostGroup = { readonly host: HostPattern; readonly entries: readonly Entry[] };

/** One way to reach a rule; a rule with several matches has several entries that share it. */
export type Entry = { readonly match: Match; readonly rule: Rule };

/** All parts must hold. */
export type Match = {
  readonly path: PathMatch;
  readonly headers: readonly FieldMatch[];
  readonly queryParams: readonly FieldMatch[];
  /** Any of them must be offered by the client; empty matches every request. */
  readonly subprotocols: readonly string[];
};

/** `PathPrefix` matches by path element; `RegularExpression` is RE2 and must match the whole path. */
export type PathMatch = {
  readonly type: "Exact" | "PathPrefix" | "RegularExpression";
  readonly value: string;
};

/** Header names are in lower case and compared without case; query names are compared exactly. */
export type FieldMatch = {
  readonly type: "Exact" | "RegularExpression";
  readonly name: string;
  readonly value: string;
};

/** What happens to the requests of an entry. */
export type Rule = { readonly name: RuleName; readonly action: Forward | Refuse };

/** A rule that cannot be honoured: it answers with a status and is never served in part. */
export type Refuse = { readonly type: "Refuse"; readonly status: number; readonly detail: string };

/** A rule that forwards. */
export type Forward = {
  readonly type: "Forward";
  readonly backends: readonly Backend[];
  readonly rewrite: Rewrite;
  readonly requestHeaders: HeaderEdits;
  readonly responseHeaders: HeaderEdits;
  readonly timeouts: Timeouts;
  readonly keepalive: Keepalive;
  readonly drain: DrainSettings;
  readonly escapedSlashes: "Keep" | "Reject";
  /** 308 to https on plain listeners, where the host has a certificate of its own. */
  readonly redirectToHttps: boolean;
  readonly policies: PolicyConfigs;
};

/** A weighted share of a rule's traffic. A backend that cannot be used keeps its share and refuses it. */
export type Backend =
  | {
      readonly type: "Pool";
      readonly weight: number;
      readonly pool: PoolKey;
      readonly tls: BackendTls | null;
    }
  | { readonly type: "Refuse"; readonly weight: number; readonly status: number; readonly detail: string };

/** TLS to a backend. */
export type BackendTls = {
  /** SNI and the name that the certificate must carry. */
  readonly serverName: string;
  readonly verify: boolean;
  /** PEM of the roots to trust; null for the system's. */
  readonly ca: string | null;
};

/** Changes to host and path on the way to the backend; null leaves them. */
export type Rewrite = {
  readonly hostname: string | null;
  readonly path:
    | null
    | { readonly type: "ReplaceFullPath"; readonly value: string }
    | { readonly type: "ReplacePrefixMatch"; readonly value: string };
};

/** Applied in this order: remove, set, add. Names in the author's casing. */
export type HeaderEdits = {
  readonly set: readonly (readonly [string, string])[];
  readonly add: readonly (readonly [string, string])[];
  readonly remove: readonly string[];
};

/** In milliseconds; 0 disables idle and maxConnectionDuration. */
export type Timeouts = {
  readonly connectMs: number;
  readonly handshakeMs: number;
  readonly idleMs: number;
  readonly maxConnectionDurationMs: number;
  readonly closeMs: number;
};

/** Pings of ours to both peers, in milliseconds. */
export type Keepalive = {
  /** The silence of a peer after which it is sent a Ping; 0 sends none. */
  readonly pingIntervalMs: number;
  /** How long after a Ping a peer may stay silent. */
  readonly pongTimeoutMs: number;
};

/** How sockets of this rule are said goodbye to. */
export type DrainSettings = {
  readonly code: number;
  readonly reason: string;
  readonly windowMs: number;
  readonly onRouteDeleted: "Keep" | "Close";
};
