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
  UnsupportedValue: { condition: "Accepted", meaning: "A field has a value that Fairlead cannot honour." },
  InvalidRegularExpression: { condition: "Accepted", meaning: "A pattern is not RE2, or is larger than its bound." },
  InvalidAnnotation: { condition: "Accepted", meaning: "An annotation under fairlead.dev/ is unknown or unreadable." },
  RouteConflict: { condition: "Accepted", meaning: "An older or more specific rule has the same match and answers." },
  HostnameConflict: { condition: "Accepted", meaning: "Another object's TLS settings for this host answer." },
  InvalidKind: { condition: "ResolvedRefs", meaning: "A reference names a kind that cannot be used here." },
  BackendNotFound: { condition: "ResolvedRefs", meaning: "The Service or its port does not exist." },
  UnsupportedProtocol: { condition: "ResolvedRefs", meaning: "The Service port's appProtocol cannot be spoken." },
  RefNotPermitted: { condition: "ResolvedRefs", meaning: "A reference into another namespace has no ReferenceGrant." },
  InvalidCertificateRef: { condition: "ResolvedRefs", meaning: "A TLS Secret is missing, malformed or mismatched." },
  UnsupportedAddress: { condition: "ResolvedRefs", meaning: "An endpoint's address cannot be used." },
  Stale: { condition: "Programmed", meaning: "The object became unreadable; its last good version is served." },
  DrainWindowClamped: { condition: "Programmed", meaning: "The drain window is longer than the grace period allows." },
} as const satisfies Record<string, { readonly condition: ConditionType; readonly meaning: string }>;

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
};
