/** How much a finding matters: `error` is not served as written, `warning` is served otherwise than written, `info` is worth knowing. */
export type Severity = "error" | "warning" | "info";

/** A thing that no reader of objects refuses and that is hardly meant. */
export type HintRow = { readonly severity: Severity; readonly meaning: string; readonly mend: string };

/** Every thing that lint alone finds, listed once: what is served as written, and hardly as meant. */
export const HINTS = {
  ShadowedMatch: {
    severity: "warning",
    meaning: "Every request of this match is taken by one that comes before it.",
    mend: "Narrow the earlier match, or remove this one.",
  },
  ImpossiblePattern: {
    severity: "warning",
    meaning: "A path pattern matches no path, as every path begins with a slash and is matched whole.",
    mend: "Begin the pattern with / or .*, and let it match the whole path.",
  },
  ZeroWeights: {
    severity: "warning",
    meaning: "Every backend of a rule has the weight 0, so that the rule answers 503.",
    mend: "Give one backend a weight, or remove the rule.",
  },
  NoEndpoints: {
    severity: "warning",
    meaning: "A rule leads to a Service port that has no endpoint, while others in the set have some.",
    mend: "Give an EndpointSlice of the Service a port of the same name, or the Service its endpoints.",
  },
  OrphanSlice: {
    severity: "warning",
    meaning: "An EndpointSlice belongs to no Service.",
    mend: "Label it kubernetes.io/service-name with the name of a Service of its namespace.",
  },
  PingAfterIdle: {
    severity: "warning",
    meaning: "A connection on which both sides are silent ends by its idle timeout before the first Ping is sent.",
    mend: "Make the ping interval shorter than the idle timeout.",
  },
  ConnectBeyondHandshake: {
    severity: "warning",
    meaning: "The connect timeout is longer than the handshake timeout, which includes it.",
    mend: "Shorten the connect timeout, or lengthen the handshake timeout.",
  },
  IdleBeyondDuration: {
    severity: "warning",
    meaning: "The idle timeout is as long as the longest connection may be, and so never ends one.",
    mend: "Shorten the idle timeout, or lengthen maxConnectionDuration.",
  },
  CloseBeyondGrace: {
    severity: "warning",
    meaning: "The close timeout is longer than what the grace period leaves: a shutdown cuts it short.",
    mend: "Shorten the close timeout, or lengthen --grace-period (and terminationGracePeriodSeconds).",
  },
  TlsHostWithoutRule: {
    severity: "warning",
    meaning: "An Ingress asks for TLS on a host for which it has no rule.",
    mend: "Correct the host in spec.tls or in spec.rules.",
  },
  CertificateExpired: {
    severity: "warning",
    meaning: "A certificate has expired, or expires within 14 days.",
    mend: "Renew it.",
  },
  UnverifiedBackend: {
    severity: "warning",
    meaning: "TLS to a backend accepts any certificate: whoever is in between can read and change everything.",
    mend: "Name the roots to trust in caCertificateRefs, and remove insecureSkipVerify.",
  },
  UnknownKind: {
    severity: "warning",
    meaning: "An object has a kind or version that is not read, and that is near to one that is.",
    mend: "Correct apiVersion and kind.",
  },
  ForeignAnnotation: {
    severity: "warning",
    meaning: "An annotation of another ingress controller is not read, whatever it protects or allows.",
    mend: "Say the same with an annotation of the reference or a WebSocketRoute, or remove it.",
  },
  NotServed: {
    severity: "info",
    meaning: "The class of a route is not one that is served.",
    mend: "Correct its class, or pass --ingress-class and --controller-name as your serve has them.",
  },
} as const satisfies Record<string, HintRow>;

/** The name of a row of HINTS. */
export type HintCode = keyof typeof HINTS;
