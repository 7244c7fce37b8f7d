/** How the reading of one kind of object stands. Of several namespaces the worst counts. */
export const WATCH_STATES = {
  waiting: "not read yet",
  synced: "read, and its changes are followed",
  failing: "the API server does not answer as it should; what was read before stays in use",
  forbidden: "RBAC does not permit it",
  absent: "the API server does not know the kind: its CustomResourceDefinition is not installed",
} as const;

/** The name of a row of WATCH_STATES. */
export type WatchState = keyof typeof WATCH_STATES;

/** Why a request to the API server failed, or a watch ended that must not. */
export const API_FAILURES = {
  unreachable: "no connection, or no answer in time",
  untrusted: "the server's certificate is not signed by the cluster's CA, or is for another name",
  unauthorized: "the credentials were not accepted, also after they had been read again",
  forbidden: "RBAC does not permit it",
  absent: "the API server does not know what was asked for",
  expired: "the place in the history of changes is no longer kept: everything is listed anew",
  throttled: "the API server asks to come back later",
  refused: "any other answer that is no success, such as 500 or a redirect, which is not followed",
  malformed: "what came is no JSON, or no Kubernetes object",
  oversized: "what came is larger than is read",
  broken: "the connection ended in the middle of an answer",
  silent: "nothing came for too long",
  hasty: "the API server ended the watch at once",
} as const;

/** The name of a row of API_FAILURES. */
export type ApiFailureType = keyof typeof API_FAILURES;

/** Why a kind was listed in full. */
export const LIST_REASONS = {
  start: "the first time",
  expired: "the place in the history of changes was no longer kept",
  safety: "every 10 to 15 minutes, in case that changes were missed",
  malformed: "what the watch said could not be read",
  returned: "it could be read again after it was not permitted or not installed",
} as const;

/** The name of a row of LIST_REASONS. */
export type ListReason = keyof typeof LIST_REASONS;

/** What is known of the reading of one kind. Totals are since the start. */
export type KindFigures = {
  readonly kind: string;
  readonly state: WatchState;
  /** What is wrong and how to mend it, one sentence for a person; null where nothing is. */
  readonly explanation: string | null;
  readonly objects: number;
  /** Since the last sign that the watch is alive, of the namespace that is the furthest behind; null before the first. */
  readonly eventAgeMs: number | null;
  readonly lists: ReadonlyMap<ListReason, number>;
  readonly failures: ReadonlyMap<ApiFailureType, number>;
  /** Changes that a list showed although the watch had passed them. */
  readonly missed: number;
};
