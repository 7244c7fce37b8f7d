import { CAUSES, type Cause, type Party } from "../base/endings.ts";
import { FAILURES, type FailureName } from "../base/failures.ts";
import type { Report } from "../base/report.ts";

/** Who can end a connection. */
export const ENDERS = ["client", "backend", "proxy"] as const satisfies readonly (Party | "proxy")[];

/** The classes of HTTP statuses (RFC 9110 15); `other` for what a backend made up. */
export const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx", "other"] as const;

/** One of STATUS_CLASSES. */
export type StatusClass = (typeof STATUS_CLASSES)[number];

/** What became of handshakes and requests since the start. Its keys are closed sets: nothing on the wire adds one. */
export type Outcomes = {
  readonly ended: ReadonlyMap<Cause, Readonly<Record<(typeof ENDERS)[number], number>>>;
  readonly refused: ReadonlyMap<FailureName, number>;
  readonly answered: ReadonlyMap<StatusClass, number>;
  /** Of the answered, those whose answer was cut short. */
  readonly incomplete: number;
};

/** Counts reports by their outcome. */
export type OutcomeCounter = { readonly count: (report: Report) => void; readonly outcomes: () => Outcomes };

/** Makes a counter in which everything that can be counted is 0. */
export function createOutcomeCounter(): OutcomeCounter {
  const ended = new Map(CAUSES.map((cause) => [cause, { client: 0, backend: 0, proxy: 0 }]));
  const refused = new Map(failureNames().map((failure) => [failure, 0]));
  const answered = new Map(STATUS_CLASSES.map((name) => [name, 0]));
  let incomplete = 0;
  return {
    count: (report) => {
      switch (report.outcome) {
        case "relayed": {
          const by = ended.get(report.cause);
          if (by !== undefined) by[report.by] += 1;
          return;
        }
        case "refused":
          increment(refused, report.failure);
          return;
        case "answered":
          increment(answered, classOf(report.status));
          if (!report.complete) incomplete += 1;
          return;
        default:
          report satisfies never;
      }
    },
    outcomes: () => ({ ended, refused, answered, incomplete }),
  };
}

/** The names of all failures. */
export function failureNames(): readonly FailureName[] {
  return Object.keys(FAILURES) as FailureName[];
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function classOf(status: number): StatusClass {
  return STATUS_CLASSES.find((name) => name === `${Math.floor(status / 100)}xx`) ?? "other";
}
