/** The steps of a probe, in order. */
export const STEPS = ["resolve", "connect", "tls", "handshake", "ping", "echo", "close"] as const;

/** One of STEPS. */
export type Step = (typeof STEPS)[number];

/** What a probe can find. `{name}` in the texts stands for a fact of the case. */
export type ProbeFindingRow = {
  readonly step: Step;
  /** What is wrong, in one sentence without its period. */
  readonly sentence: string;
  /** Where to look, in one sentence. */
  readonly look: string;
};

/** Every way in which a probe fails, listed once; the names are stable. docs/reference/probe.md is generated from this. */
export const PROBE_FINDINGS = {
  NameNotFound: {
    step: "resolve",
    sentence: "the name {host} does not resolve ({reason})",
    look: "Check the spelling and the DNS record; --connect-to HOST:PORT probes an address without one.",
  },
  ResolveFailed: {
    step: "resolve",
    sentence: "the name {host} could not be looked up ({reason})",
    look: "Check this machine's resolver and its network.",
  },
  ResolveTimeout: {
    step: "resolve",
    sentence: "the name {host} was not resolved within {limit}",
    look: "Check this machine's resolver and its network.",
  },
  ConnectionRefused: {
    step: "connect",
    sentence: "nothing listens on {addresses}: the connection is refused",
    look: "Check the port, that Fairlead runs and is ready, and the Service or load balancer in front of it.",
  },
  HostUnreachable: {
    step: "connect",
    sentence: "there is no way to {addresses} ({reason})",
    look: "Check the address, this machine's routes, and firewalls that reject.",
  },
  ConnectTimeout: {
    step: "connect",
    sentence: "no connection to {addresses} within {limit}",
    look: "Look for a firewall, security group or NetworkPolicy that drops packets, and whether the address is still in use.",
  },
  ConnectFailed: {
    step: "connect",
    sentence: "no connection to {addresses} ({reason})",
    look: "Check the address and this machine's network.",
  },
  TlsNotSpoken: {
    step: "tls",
    sentence: "the server does not speak TLS on {address}",
    look: "Use ws:// if the port is plain, or the port of the TLS listener.",
  },
  TlsNameUnknown: {
    step: "tls",
    sentence: "the server has no certificate for the server name {serverName} (alert unrecognized_name)",
    look: "Give the host a certificate in spec.tls, or Fairlead a --default-certificate; fairlead explain says which certificate answers.",
  },
  TlsVersionRefused: {
    step: "tls",
    sentence: "the server and this client share no TLS version or cipher ({reason})",
    look: "Compare the minimum version and the cipher suites of the server with TLS 1.2 and 1.3.",
  },
  ClientCertificateRequired: {
    step: "tls",
    sentence: "the server asks for a client certificate ({reason})",
    look: "The probe has none to show; use a host without client authentication.",
  },
  TlsFailed: {
    step: "tls",
    sentence: "the TLS handshake failed ({reason})",
    look: "Look at the server's log for this time, and for a proxy in between that breaks TLS.",
  },
  TlsClosed: {
    step: "tls",
    sentence: "the server closed the connection in the middle of the TLS handshake",
    look: "Check that the port speaks TLS, that the load balancer passes it through, and the server's limits.",
  },
  TlsTimeout: {
    step: "tls",
    sentence: "the TLS handshake was not done within {limit}",
    look: "Look for something in between that accepts connections and passes nothing on.",
  },
  CertificateExpired: {
    step: "tls",
    sentence: "the certificate expired at {notAfter}",
    look: "Renew the Secret; if it was renewed, check which certificate the server shows (fairlead explain).",
  },
  CertificateNotYetValid: {
    step: "tls",
    sentence: "the certificate is valid from {notBefore} on, not yet",
    look: "Check the clocks of this machine and of whoever made the certificate.",
  },
  CertificateWrongName: {
    step: "tls",
    sentence: "the certificate is not for {host}, but for {names}",
    look: "The wrong certificate answers: check the Secret, the hosts in spec.tls, and --server-name.",
  },
  CertificateSelfSigned: {
    step: "tls",
    sentence: "the certificate is signed by itself, and is not trusted here",
    look: "Trust it with --ca-file, or have it signed by an authority that clients know.",
  },
  CertificateUntrusted: {
    step: "tls",
    sentence: "no authority that is trusted here signed the certificate ({reason})",
    look: "Check that tls.crt holds the intermediates behind the server's own certificate; trust a private authority with --ca-file.",
  },
  AnswerTimeout: {
    step: "handshake",
    sentence: "the request was sent, and no answer came within {limit}",
    look: "Look at the timeouts of what is in between, and whether the backend hangs; a Fairlead in the way answers 504 after timeouts.handshake.",
  },
  ClosedWithoutAnswer: {
    step: "handshake",
    sentence: "the server closed the connection without an answer",
    look: "Look for a limit on connections, a port that expects TLS or the PROXY protocol, or a process that crashes.",
  },
  TlsExpected: {
    step: "handshake",
    sentence: "the server expects TLS on {address}",
    look: "Use wss://.",
  },
  InvalidAnswer: {
    step: "handshake",
    sentence: "what came is no HTTP/1.1 answer: {reason}",
    look: "Check that the port belongs to an HTTP server.",
  },
  NotUpgraded: {
    step: "handshake",
    sentence: "the answer is {status}, not 101: the server took it for a plain request",
    look: "A proxy in between dropped the Upgrade field, or the path leads to something that speaks no WebSocket.",
  },
  RedirectedToHttps: {
    step: "handshake",
    sentence: "the answer is {status}: the host is served over TLS, at {location}",
    look: "Use wss://; WebSocket clients do not follow redirects.",
  },
  Redirected: {
    step: "handshake",
    sentence: "the answer is {status}, a redirect to {location}",
    look: "Use that URL; WebSocket clients do not follow redirects.",
  },
  MalformedRequest: {
    step: "handshake",
    sentence: "the answer is {status}: the server takes the request for malformed",
    look: "Look at the request below, and for a proxy in between that changed Connection, Upgrade or Sec-WebSocket-* fields.",
  },
  Unauthorized: {
    step: "handshake",
    sentence: "the answer is {status}: credentials are missing or wrong",
    look: "Give them with --header 'Authorization: ...' or --header 'Cookie: ...'.",
  },
  Forbidden: {
    step: "handshake",
    sentence: "the answer is {status}: this client may not connect",
    look: "Check the Origin (--origin), the client's address and the credentials.",
  },
  NotFound: {
    step: "handshake",
    sentence: "the answer is {status}: nothing is served at this host and path",
    look: "fairlead explain says which rules there are and why none matches.",
  },
  Misdirected: {
    step: "handshake",
    sentence: "the answer is {status}: this host is not served on a connection for that server name",
    look: "Leave --server-name out, or compare the TLS settings of both hosts.",
  },
  UpgradeNotUnderstood: {
    step: "handshake",
    sentence: "the answer is {status}: the server wants another upgrade than the one it got",
    look: "A proxy in between dropped the Upgrade field, or only rules with subprotocols match: offer one with --subprotocol.",
  },
  TooMany: {
    step: "handshake",
    sentence: "the answer is {status}: a limit is reached",
    look: "Wait as long as Retry-After says; look at the limits per client.",
  },
  RefusedByClientFault: {
    step: "handshake",
    sentence: "the answer is {status}: the server refuses the request",
    look: "Look at the answer below.",
  },
  BadGateway: {
    step: "handshake",
    sentence: "the answer is {status}: the backend could not be reached, or answered nonsense",
    look: "Look at the backend's log, its port and its appProtocol; the access log of Fairlead says which endpoint failed and how.",
  },
  Unavailable: {
    step: "handshake",
    sentence: "the answer is {status}: there is nobody to serve the request",
    look: "Look at the Pods behind the Service and at their readiness.",
  },
  GatewayTimeout: {
    step: "handshake",
    sentence: "the answer is {status}: the backend did not answer in time",
    look: "Look whether the backend hangs, and at timeouts.connect and timeouts.handshake of the route.",
  },
  ServerFault: {
    step: "handshake",
    sentence: "the answer is {status}: something failed in the server",
    look: "Look at the server's log for this time.",
  },
  WrongAccept: {
    step: "handshake",
    sentence: "the 101 does not answer this request: Sec-WebSocket-Accept is wrong or missing",
    look: "Something in between answers from a cache or speaks no WebSocket; no browser would open this connection.",
  },
  InvalidSwitch: {
    step: "handshake",
    sentence: "the answer is 101, but {reason}",
    look: "No browser would open this connection: mend the server, or what is in between and changed the answer.",
  },
  ClosedEarly: {
    step: "ping",
    sentence: "the WebSocket was opened and closed again by the server with {close}",
    look: "Look at the backend's log; one that is no echo server may close at a message it does not know, which --no-echo avoids.",
  },
  ConnectionLost: {
    step: "ping",
    sentence: "the WebSocket was opened, and the connection ended without a Close frame ({reason})",
    look: "Look at the backend's log for a crash, and for something in between that passes the handshake and no frames.",
  },
  ProtocolViolation: {
    step: "ping",
    sentence: "what came over the WebSocket breaks its protocol: {reason}",
    look: "Mend the server, or what is in between and changes what it sends.",
  },
  PingUnanswered: {
    step: "ping",
    sentence: "a Ping was not answered within {limit}",
    look: "The backend hangs, or something in between passes the handshake and no frames.",
  },
  EchoMissing: {
    step: "echo",
    sentence: "the WebSocket is open, but nothing came back for the message within {limit}",
    look: "If the backend is no echo server, use --no-echo.",
  },
} as const satisfies Record<string, ProbeFindingRow>;

/** The name of a row of PROBE_FINDINGS. */
export type ProbeCode = keyof typeof PROBE_FINDINGS;

/** What is worth knowing of a probe that is healthy all the same; the names are stable. */
export const PROBE_NOTES = {
  CertificateNotVerified: "the certificate would not be accepted, and --insecure let it pass: {reason}",
  CertificateExpiresSoon: "the certificate expires at {notAfter}",
  EchoDiffers: "what came back for the message is not an echo: {answer}",
  CloseUnanswered: "the server did not answer the Close frame within {limit}",
  CloseLost: "the connection ended before the server answered the Close frame",
} as const satisfies Record<string, string>;

/** The name of a row of PROBE_NOTES. */
export type NoteCode = keyof typeof PROBE_NOTES;

/** The facts of a case, already safe to print. */
export type ProbeFacts = Readonly<Record<string, string>>;

/** Thrown at the step that a probe fails at. */
export class ProbeError extends Error {
  readonly code: ProbeCode;
  readonly facts: ProbeFacts;

  constructor(code: ProbeCode, facts: ProbeFacts = {}) {
    super(phrase(PROBE_FINDINGS[code].sentence, facts));
    this.name = "ProbeError";
    this.code = code;
    this.facts = facts;
  }
}

/** A text of the tables with the facts of a case. */
export function phrase(text: string, facts: ProbeFacts): string {
  const known = new Map(Object.entries(facts));
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => known.get(name) ?? "unknown");
}
