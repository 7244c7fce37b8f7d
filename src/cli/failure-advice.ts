import type { FailureName } from "../base/failures.ts";

/** What a client or an operator can do about a failure, where there is something to do. */
const ADVICE: Readonly<Record<FailureName, string>> = {
  BadRequest: "Correct the request, or what changes it on its way: browsers and most clients never send one like this.",
  ForbiddenOrigin: "Add the Origin to security.allowedOrigins of the rule, or open the page from one that is listed.",
  NoRoute: "fairlead explain lists the rules of the host, each with why it does not match.",
  MethodNotAllowed: "A WebSocket is asked for with GET.",
  RequestTimeout: "Look for something in between that holds the request back.",
  UriTooLong: "Shorten the path, or replace the regular expressions of this host by prefixes.",
  ExpectationFailed: "Leave the Expect field out.",
  MisdirectedRequest:
    "Open a connection of its own for this host: its TLS settings differ from those of the server name.",
  UpgradeRequired: "Ask with ws:// or wss://, and offer a subprotocol of the rule (--subprotocol).",
  UnsupportedVersion: "Send Sec-WebSocket-Version 13, or nothing: every client writes it itself.",
  HeaderFieldsTooLarge: "Send fewer or shorter fields (cookies, above all), or raise --max-header-bytes.",
  RedirectToHttps: "Use wss:// or https://; a WebSocket client does not follow a redirect.",
  RouteRefused: "Mend the route: fairlead lint says what is wrong with it, and at which line.",
  NoReadyEndpoint: "Look at the Pods of the Service and at their readiness probes.",
  ConnectFailed: "Look whether the backend listens on the port of its endpoints.",
  BackendTlsFailed: "Compare backendTLS of the rule with the certificate of the backend.",
  BackendReset: "Look at the backend's log for a crash at this time.",
  InvalidBackendAnswer:
    "Look whether the backend speaks WebSocket at this path, and what the access log says of its answer.",
  ConnectTimeout: "Look at the backend's network, NetworkPolicies above all, and at timeouts.connect of the rule.",
  HandshakeTimeout: "Look whether the backend hangs, and at timeouts.handshake of the rule.",
  Draining: "This replica is going; another one serves. If none does, look at the rollout.",
  TooManyConnections: "Add replicas, or raise --max-connections with the descriptors that it needs.",
  TooManyHandshakes: "Wait as long as Retry-After says; add replicas, or raise --max-handshakes-per-second.",
  TooManyPending: "Look why the backends of the route are slow to answer; --max-pending-requests is the limit.",
  OutOfMemory: "Give the process more memory, or add replicas.",
  TooManyFromClient: "Look at --max-connections-per-client, and at --trusted-proxies if clients share an address.",
  TooManySockets: "Raise the limit of open files of the process.",
  TooManyTlsHandshakes: "Add replicas, or raise --max-tls-handshakes.",
  ClientGone: "Nothing: the client left by itself.",
  Internal: "Look at the log of Fairlead for this time; it is a defect.",
};

/** What to do about a failure, in one or two sentences. */
export function adviceFor(failure: FailureName): string {
  return ADVICE[failure];
}
