import { type Both, CAUSES, type Cause, type Party, type SideEnd } from "../base/endings.ts";
import { FAILURES, type FailureName } from "../base/failures.ts";
import type { RelayedReport, Report } from "../base/report.ts";
import { CLOSE_CODES, type CloseCode, closeCode } from "./close-codes.ts";

/** Who can end a connection. */
export const ENDERS = ["client", "backend", "proxy"] as const satisfies readonly (Party | "proxy")[];

/** The two peers of a connection. */
export const PEERS = ["client", "backend"] as const satisfies readonly Party[];

/** The classes of HTTP statuses (RFC 9110 15); `other` for what a backend made up. */
export const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx", "other"] as const;

/** One of STATUS_CLASSES. */
export type StatusClass = (typeof STATUS_CLASSES)[number];

/** Close codes that were received from a peer, and sent to it. */
export type CloseCounts = Readonly<Record<keyof Pick<SideEnd, "received" | "sent">, ReadonlyMap<CloseCode, number>>>;

/** What became of handshakes and requests since the start. Its keys are closed sets: nothing on the wire adds one. */
export type Outcomes = {
  readonly ended: ReadonlyMap<Cause, Readonly<Record<(typeof ENDERS)[number], number>>>;
  /** By peer; each ended connection once in each of the four. */
  readonly closes: Both<CloseCounts>;
  /** Bytes that were read from a peer and never accepted by the other, of connections that have ended. */
  readonly undeliveredBytes: Both<number>;
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
  const closes = { client: noCloses(), backend: noCloses() };
  const undeliveredBytes = { client: 0, backend: 0 };
  const refused = new Map(failureNames().map((failure) => [failure, 0]));
  const answered = new Map(STATUS_CLASSES.map((name) => [name, 0]));
  let incomplete = 0;
  const countEnd = ({ cause, by, sides, from }: RelayedReport): void => {
    const enders = ended.get(cause);
    if (enders !== undefined) enders[by] += 1;
    for (const peer of PEERS) {
      increment(closes[peer].received, closeCode(sides[peer].received));
      increment(closes[peer].sent, closeCode(sides[peer].sent));
      undeliveredBytes[peer] += from[peer].undeliveredBytes;
    }
  };
  return {
    count: (report) => {
      switch (report.outcome) {
        case "relayed":
          countEnd(report);
          return;
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
    outcomes: () => ({ ended, closes, undeliveredBytes, refused, answered, incomplete }),
  };
}

/** The names of all failures. */
export function failureNames(): readonly FailureName[] {
  return Object.keys(FAILURES) as FailureName[];
}

function noCloses(): Record<"received" | "sent", Map<CloseCode, number>> {
  const zeros = (): Map<CloseCode, number> => new Map(CLOSE_CODES.map((code) => [code, 0]));
  return { received: zeros(), sent: zeros() };
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function classOf(status: number): StatusClass {
  return STATUS_CLASSES.find((name) => name === `${Math.floor(status / 100)}xx`) ?? "other";
}
