/** The two peers of a proxied connection. */
export type Party = "client" | "backend";

/** One value for each peer. */
export type Both<T> = { readonly client: T; readonly backend: T };

/** Why a connection ended. Every ended connection carries exactly one cause: a log field and a metric label. */
export const CAUSES = [
  "client",
  "backend",
  "idle",
  "ping-timeout",
  "stalled",
  "drain",
  "route-removed",
  "endpoint-terminating",
  "policy",
  "token-expired",
  "limit",
  "lifetime",
  "protocol-error",
  "shed",
  "admin",
  "shutdown",
  "error",
  "engine-lost",
] as const;

/** One of CAUSES. */
export type Cause = (typeof CAUSES)[number];

/** The body of a Close frame: a status code (RFC 6455 7.4) and a reason of at most 123 bytes of UTF-8. */
export type CloseWords = { readonly code: number; readonly reason: string };

/** What was read from one peer over the life of a connection; all figures are totals. */
export type Flow = {
  readonly bytes: number;
  readonly frames: number;
  readonly messages: number;
  /** Bytes read from this peer that wait, in user space, to be written to the other. */
  readonly queuedBytes: number;
  readonly queuedPeak: number;
  /** Bytes read from this peer that the other never accepted; above zero the end was not clean. */
  readonly undeliveredBytes: number;
};

/** How one peer's half of a connection ended. */
export type SideEnd = {
  /** The Close frame that this peer sent, if one was read. */
  readonly received: CloseWords | null;
  /** The Close frame that went to this peer: the other peer's, forwarded, or ours. */
  readonly sent: CloseWords | null;
  readonly ended: "fin" | "reset" | "tls-error" | "cut" | "timeout";
  /** The system's name of the error that ended it, such as ECONNRESET. */
  readonly errno: string | null;
};
