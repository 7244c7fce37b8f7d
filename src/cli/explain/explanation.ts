import type { CertificateDescription } from "../describe-certificate.ts";

/** Why a request is answered as it is, as -o json and yaml print it. */
export type Explanation = {
  readonly request: {
    readonly method: string;
    readonly webSocket: boolean;
    readonly secure: boolean;
    /** Normalised, as matching sees them; as written where they cannot be read. */
    readonly host: string;
    readonly path: string;
    readonly clientAddress: string;
    readonly subprotocols: readonly string[];
  };
  readonly answer: Answer;
  /** Null for ws and http. */
  readonly tls: ExplainedTls | null;
  /** The rule that answers, even if it refuses. */
  readonly rule: NamedRule | null;
  /** What a backend is asked for; null where none is asked. */
  readonly backendRequest: { readonly host: string; readonly path: string } | null;
  readonly backends: readonly ExplainedBackend[];
  readonly settings: readonly Setting[];
  /** Every host pattern that covers the request's host, the most specific first. */
  readonly hosts: readonly ExplainedHost[];
  /** What is wrong with the objects that name this host. */
  readonly problems: readonly ExplainedProblem[];
  /** Objects that name this host and are of a class that is not served here. */
  readonly unserved: readonly string[];
};

/** What becomes of the request. */
export type Answer = {
  readonly type: "forwarded" | "refused";
  /** The status of Fairlead's own answer; null if a backend answers, or if there is no connection to answer on. */
  readonly status: number | null;
  /** A row of docs/reference/failures.md, or UnknownServerName for a TLS connection that is not accepted. */
  readonly failure: string | null;
  readonly sentence: string;
  /** What to do about a refusal; empty where there is nothing to add. */
  readonly advice: string;
  /** Where a redirect leads. */
  readonly location: string | null;
};

/** What a TLS client is shown for its server name. */
export type ExplainedTls = {
  /** Null when the client sends none, as for an IP address. */
  readonly serverName: string | null;
  /** The host whose settings answer; `default` for the default certificate; null if the connection is refused. */
  readonly settingsOf: string | null;
  readonly minVersion: string | null;
  readonly certificates: readonly CertificateDescription[];
};

/** A rule, and where its author wrote it. */
export type NamedRule = {
  /** `WebSocketRoute apps/chat`. */
  readonly object: string;
  readonly rule: string;
  /** `spec.rules[0].matches[1]`; null where it is not known. */
  readonly field: string | null;
  /** `routes.yaml:12:7`; null where it is not known. */
  readonly place: string | null;
};

/** A weighted share of the rule. */
export type ExplainedBackend = {
  /** `namespace/service:port`; null for a share that refuses. */
  readonly service: string | null;
  readonly weight: number;
  /** Of all that the rule gets, in percent. */
  readonly percent: number;
  readonly tls: boolean;
  /** Why this share is refused; null if an endpoint of it can be picked. */
  readonly refusal: string | null;
  readonly endpoints: readonly ExplainedEndpoint[];
};

/** One address of a Service port. */
export type ExplainedEndpoint = {
  /** `address:port`. */
  readonly address: string;
  readonly state: "ready" | "serving while it terminates" | "terminating" | "not ready";
  /** Whether a new connection may be sent to it now. */
  readonly usable: boolean;
};

/** One setting of the rule, as it is in force. */
export type Setting = {
  readonly name: string;
  readonly value: string;
  /** The field or annotation that says so; null for a default. */
  readonly field: string | null;
  readonly place: string | null;
};

/** The rules of one host pattern. */
export type ExplainedHost = {
  /** `*.example.com`, `*` for every host; `(no rule matched)` for the default backends that come last for all. */
  readonly host: string;
  /** False for a pattern that is less specific than another: its rules are not asked. */
  readonly searched: boolean;
  readonly rules: readonly ExplainedCandidate[];
};

/** A rule that could have answered. */
export type ExplainedCandidate = NamedRule & {
  /** `PathPrefix /ws`, and conditions. */
  readonly match: string;
  /** `answers`; `behind` matches too, but another comes first; `differs` does not match; `not searched` its host is less specific. */
  readonly result: "answers" | "behind" | "differs" | "not searched";
  /** In words; empty for the one that answers. */
  readonly because: string;
};

/** A finding of lint about an object that names this host. */
export type ExplainedProblem = {
  readonly place: string;
  readonly code: string;
  readonly object: string;
  readonly message: string;
};
