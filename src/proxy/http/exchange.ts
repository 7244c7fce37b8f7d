import type { IncomingMessage, ServerResponse } from "node:http";
import { endpointName } from "../../balance/endpoint-queue.ts";
import { ProxyError } from "../../base/failures.ts";
import type { Clock } from "../../base/ports.ts";
import type { ReportHead, RuleName } from "../../base/report.ts";
import type { RequestFacts } from "../../base/request-facts.ts";
import type { Caller } from "../handshake/read-request.ts";
import type { Candidate } from "../handshake/try-endpoints.ts";

/** One plain request and its answer: what is known of it, and what ends it early. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  /** Aborts with a ProxyError: the client left, or a time limit passed. */
  readonly signal: AbortSignal;
  readonly abort: (error: ProxyError) => void;
  readonly learnFacts: (facts: RequestFacts) => void;
  readonly learnRoute: (route: RuleName) => void;
  readonly learnCandidate: (candidate: Candidate) => void;
  /** The response head, a backend's or ours, is there. Only the first call counts. */
  readonly answered: () => void;
  readonly elapsedMs: () => number;
  readonly report: () => ReportHead;
};

/** Begins an exchange; from here on nothing that happens to either stream goes unhandled. */
export function openExchange(
  clock: Clock,
  caller: Caller,
  request: IncomingMessage,
  response: ServerResponse,
): Exchange {
  const controller = new AbortController();
  const startedAtMs = clock.wallMs();
  const startedMs = clock.monotonicMs();
  let handshakeMs: number | null = null;
  let facts: RequestFacts | null = null;
  let route: RuleName | null = null;
  let candidate: Candidate | null = null;

  const elapsedMs = (): number => clock.monotonicMs() - startedMs;
  const abort = (error: ProxyError): void => controller.abort(error);
  const leave = (): void => abort(new ProxyError("ClientGone", "the connection closed before the answer was complete"));
  request.on("error", leave);
  response.on("error", leave);
  response.once("close", () => {
    if (!response.writableFinished) leave();
  });
  if (response.destroyed) leave();

  return {
    request,
    response,
    caller,
    signal: controller.signal,
    abort,
    learnFacts: (known) => {
      facts = known;
    },
    learnRoute: (known) => {
      route = known;
    },
    learnCandidate: (known) => {
      candidate = known;
    },
    answered: () => {
      handshakeMs ??= elapsedMs();
    },
    elapsedMs,
    report: () => ({
      id: caller.id,
      clientAddress: caller.clientAddress,
      peerAddress: caller.arrival.peerAddress,
      secure: caller.arrival.secure,
      method: request.method ?? "",
      host: facts?.host ?? null,
      path: facts?.path ?? null,
      route,
      service: candidate?.pool ?? null,
      endpoint: candidate === null ? null : endpointName(candidate.endpoint),
      startedAtMs,
      handshakeMs: handshakeMs ?? elapsedMs(),
    }),
  };
}
