/** Names one Kubernetes object. */
export type ObjectRef = { readonly kind: string; readonly namespace: string; readonly name: string };

/** The condition types of a route's status, in the words of Gateway API. */
export type ConditionType = "Accepted" | "ResolvedRefs" | "Programmed";

/**
 * What a problem did to the object. `refused`: the smallest part that it concerns answers 503. `ignored`: the value is
 * not applied and the default is. `lost`: another object's rule answers instead.
 */
export type Effect = "refused" | "ignored" | "lost";

/** Every reason that a problem can carry, listed once: condition reasons, Event reasons and lint codes. */
export const REASONS = {
  UnsupportedValue: {
    condition: "Accepted",
    meaning: "A field has a value that Fairlead cannot honour.",
    mend: "Write what the message expects in this field.",
  },
  InvalidRegularExpression: {
    condition: "Accepted",
    meaning: "A pattern is not RE2, or is larger than its bound.",
    mend: "Write the pattern in RE2 (no look-around, no backreferences), shorter or with fewer repetitions.",
  },
  InvalidAnnotation: {
    condition: "Accepted",
    meaning: "An annotation under fairlead.dev/ is unknown or unreadable.",
    mend: "Take a name and a form of value from the reference of annotations, or remove the annotation.",
  },
  RouteConflict: {
    condition: "Accepted",
    meaning: "An older or more specific rule has the same match and answers.",
    mend: "Change the host, path or another condition of one of the two, or remove one.",
  },
  HostnameConflict: {
    condition: "Accepted",
    meaning: "Another object's TLS settings for this host answer.",
    mend: "Name the same certificates and TLS version for the host in both objects, or give one of them another host.",
  },
  InvalidKind: {
    condition: "ResolvedRefs",
    meaning: "A reference names a kind that cannot be used here.",
    mend: "Refer to a Service, or for certificates to a Secret.",
  },
  BackendNotFound: {
    condition: "ResolvedRefs",
    meaning: "The Service or its port does not exist.",
    mend: "Create the Service, or correct its name, namespace or port in the reference.",
  },
  UnsupportedProtocol: {
    condition: "ResolvedRefs",
    meaning: "The Service port's appProtocol cannot be spoken.",
    mend: "Give the Service port an appProtocol that is named in the message, or none, and protocol TCP.",
  },
  RefNotPermitted: {
    condition: "ResolvedRefs",
    meaning: "A reference into another namespace has no ReferenceGrant.",
    mend: "Create a ReferenceGrant in the namespace that is referred to, or move one of the two objects.",
  },
  InvalidCertificateRef: {
    condition: "ResolvedRefs",
    meaning: "A TLS Secret is missing, malformed or mismatched.",
    mend: "Create the Secret with a certificate for the host and its key, or correct the reference.",
  },
  UnsupportedAddress: {
    condition: "ResolvedRefs",
    meaning: "An endpoint's address cannot be used.",
    mend: "Give the Service endpoints with plain IP addresses; an ExternalName is never followed.",
  },
  Stale: {
    condition: "Programmed",
    meaning: "The object became unreadable; its last good version is served.",
    mend: "Mend what the message says; the newer version is then served.",
  },
  DrainWindowClamped: {
    condition: "Programmed",
    meaning: "The drain window is longer than the grace period allows.",
    mend: "Shorten the window or the close timeout, or lengthen --grace-period (and terminationGracePeriodSeconds).",
  },
} as const satisfies Record<
  string,
  { readonly condition: ConditionType; readonly meaning: string; readonly mend: string }
>;

/** The name of a row of REASONS. */
export type Reason = keyof typeof REASONS;

/** Something that an author wrote and that cannot be honoured as written. A value, never an exception. */
export type Problem = {
  readonly object: ObjectRef;
  /** Where in the object: `spec.rules[0].backendRefs[1].port`; for annotations `metadata.annotations[fairlead.dev/x]`. */
  readonly field: string;
  /** What is written there, cut to 120 characters; never a Secret's data. */
  readonly value: string;
  readonly reason: Reason;
  /** One sentence: what is wrong and what was expected. */
  readonly message: string;
  readonly effect: Effect;
  /** What would have to exist, where its absence is the problem; a ReferenceGrant may have any name, and has an empty one here. */
  readonly absent?: ObjectRef;
  /** Whose rule or settings answer instead, and the field where they are written. */
  readonly rival?: { readonly object: ObjectRef; readonly field: string };
};
