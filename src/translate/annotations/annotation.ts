import type { WebSocketRouteRule, WrittenFieldMatch, WrittenHeader } from "../../api/websocket-route.ts";

/** What annotations can say: the parts of a rule, and what only an Ingress needs. All parts are optional. */
export type IngressSettings = {
  readonly timeouts?: Settings<WebSocketRouteRule["timeouts"]>;
  readonly keepalive?: Settings<WebSocketRouteRule["keepalive"]>;
  readonly drain?: Settings<WebSocketRouteRule["drain"]>;
  readonly backendTLS?: Settings<WebSocketRouteRule["backendTLS"]>;
  readonly security?: Settings<WebSocketRouteRule["security"]>;
  readonly match?: {
    readonly headers?: readonly WrittenFieldMatch[];
    readonly queryParams?: readonly WrittenFieldMatch[];
    readonly subprotocols?: readonly string[];
  };
  readonly rewrite?: {
    readonly hostname?: string;
    readonly replaceFullPath?: string;
    readonly replacePrefixMatch?: string;
  };
  readonly requestHeaders?: HeaderSettings;
  readonly responseHeaders?: HeaderSettings;
  readonly ingress?: {
    readonly minTlsVersion?: "1.2" | "1.3";
    readonly useRegex?: boolean;
    readonly sslRedirect?: boolean;
    readonly escapedSlashes?: "Keep" | "Reject";
  };
};

type Settings<Part> = NonNullable<Part>;

type HeaderSettings = {
  readonly set?: readonly WrittenHeader[];
  readonly add?: readonly WrittenHeader[];
  readonly remove?: readonly string[];
};

/** What a value says, or what was expected of it. */
export type ReadAnnotation =
  | { readonly ok: true; readonly settings: IngressSettings }
  | { readonly ok: false; readonly expected: string };

/** One annotation under fairlead.dev/ that an Ingress may carry. The reference is generated from these rows. */
export type Annotation = {
  /** Without the prefix. */
  readonly name: string;
  /** The field of a WebSocketRoute's rule that it stands for, without list indices; empty for what only an Ingress needs. */
  readonly field: string;
  readonly description: string;
  readonly default: string;
  readonly example: string;
  /** `refuse`: every rule of the Ingress answers 503; `ignore`: the default applies. Both are reported, and hold for a name near to it too. */
  readonly onUnreadable: "refuse" | "ignore";
  /** Reads a value of at most 64 KiB. Never throws; what it accepts, the translator of the field accepts too. */
  readonly read: (value: string) => ReadAnnotation;
};
