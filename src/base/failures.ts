/** Whose fault a failure is; decides where an operator looks first. */
export type Fault = "client" | "backend" | "config" | "proxy";

/** In seconds: each answer draws one between the two, so that clients refused together do not come back together. */
export type RetryAfter = { readonly least: number; readonly most: number };

/** What a failed request is answered with, and what the answer means. */
export type Failure = {
  /** The HTTP status; 0 when nobody is left to answer. */
  readonly status: number;
  readonly fault: Fault;
  /** The sentence in the body of the answer; never names internals. */
  readonly title: string;
  /** The Retry-After field (RFC 9110 10.2.3), where trying again can help. */
  readonly retryAfter?: RetryAfter;
};

const SOON: RetryAfter = { least: 1, most: 1 };
/** What is full stays so for a while, and everybody hears it at once. */
const LATER: RetryAfter = { least: 1, most: 10 };

/**
 * Every way in which a request, or the connection that it would have come by, can fail before a 101 or a response, listed once.
 * The name is the `failure` field of the access log and a metric label; docs/reference/failures.md is generated from this.
 */
export const FAILURES = {
  BadRequest: { status: 400, fault: "client", title: "The request is malformed." },
  ForbiddenOrigin: { status: 403, fault: "client", title: "This Origin may not open a WebSocket here." },
  NoRoute: { status: 404, fault: "client", title: "No route matches this host and path." },
  MethodNotAllowed: { status: 405, fault: "client", title: "This method is not served here." },
  RequestTimeout: { status: 408, fault: "client", title: "The request did not arrive in time." },
  UriTooLong: { status: 414, fault: "client", title: "The path is too long for this host." },
  ExpectationFailed: { status: 417, fault: "client", title: "The expectation cannot be met." },
  MisdirectedRequest: { status: 421, fault: "client", title: "This host is not served on this connection." },
  UpgradeRequired: { status: 426, fault: "client", title: "This path speaks WebSocket only." },
  UnsupportedVersion: { status: 426, fault: "client", title: "Only WebSocket version 13 is spoken here." },
  HeaderFieldsTooLarge: { status: 431, fault: "client", title: "The header fields are too large." },
  RedirectToHttps: { status: 308, fault: "client", title: "This host is served over HTTPS." },
  RouteRefused: { status: 503, fault: "config", title: "The route is misconfigured." },
  NoReadyEndpoint: { status: 503, fault: "backend", title: "No endpoint is ready.", retryAfter: SOON },
  ConnectFailed: { status: 502, fault: "backend", title: "The endpoint refused the connection." },
  BackendTlsFailed: { status: 502, fault: "backend", title: "The endpoint's TLS could not be verified." },
  BackendReset: { status: 502, fault: "backend", title: "The endpoint closed the connection early." },
  InvalidBackendAnswer: { status: 502, fault: "backend", title: "The endpoint's answer is not a valid handshake." },
  ConnectTimeout: { status: 504, fault: "backend", title: "The endpoint did not accept the connection in time." },
  HandshakeTimeout: { status: 504, fault: "backend", title: "The endpoint did not answer in time." },
  Draining: { status: 503, fault: "proxy", title: "This replica is shutting down.", retryAfter: SOON },
  TooManyConnections: { status: 503, fault: "proxy", title: "This replica is full.", retryAfter: LATER },
  TooManyHandshakes: { status: 503, fault: "proxy", title: "Too many handshakes at a time.", retryAfter: LATER },
  TooManyPending: { status: 503, fault: "proxy", title: "Too many requests wait for this route.", retryAfter: LATER },
  OutOfMemory: { status: 503, fault: "proxy", title: "This replica is short of memory.", retryAfter: LATER },
  TooManyFromClient: { status: 0, fault: "client", title: "This address has too many connections." },
  TooManySockets: { status: 0, fault: "proxy", title: "This replica has no descriptors left for connections." },
  TooManyTlsHandshakes: { status: 0, fault: "proxy", title: "Too many TLS handshakes at a time." },
  ClientGone: { status: 0, fault: "client", title: "The client left before it was answered." },
  Internal: { status: 500, fault: "proxy", title: "Something went wrong here." },
} as const satisfies Record<string, Failure>;

/** The name of a row of FAILURES. */
export type FailureName = keyof typeof FAILURES;

/** Thrown before a 101 or a response was begun; `refuse` turns it into the answer of its row in FAILURES. */
export class ProxyError extends Error {
  readonly failure: FailureName;
  /** For the log, never for the client unless --debug-responses. */
  readonly detail: string;
  /** Further fields of the answer, such as Location or Sec-WebSocket-Version. */
  readonly headers: readonly (readonly [string, string])[];
  /** The status of the failure's row, unless a table's refusal brought its own. */
  readonly status: number;

  constructor(
    failure: FailureName,
    detail: string,
    headers: readonly (readonly [string, string])[] = [],
    status: number = FAILURES[failure].status,
  ) {
    super(`${failure}: ${detail}`);
    this.name = "ProxyError";
    this.failure = failure;
    this.detail = detail;
    this.headers = headers;
    this.status = status;
  }
}
