import type { IncomingMessage, ServerResponse } from "node:http";
import { ProxyError } from "../../base/failures.ts";
import type { Clock } from "../../base/ports.ts";
import type { Caller } from "../handshake/read-request.ts";
import { type ReportDraft, startReport } from "../handshake/report-draft.ts";

/** One plain request and its answer: what is known of it, and what ends it early. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly draft: ReportDraft;
  /** Aborts with a ProxyError: the client left, or a time limit passed. */
  readonly signal: AbortSignal;
  readonly abort: (error: ProxyError) => void;
  readonly elapsedMs: () => number;
};

/** Begins an exchange; from here on nothing that happens to either stream goes unhandled. */
export function openExchange(
  clock: Clock,
  caller: Caller,
  request: IncomingMessage,
  response: ServerResponse,
): Exchange {
  const controller = new AbortController();
  const draft = startReport(clock, caller, request.method ?? "");
  const abort = (error: ProxyError): void => controller.abort(error);
  const leave = (): void => abort(new ProxyError("ClientGone", "the connection closed before the answer was complete"));
  // The listener says so when a body cannot be read.
  request.on("error", (error) => (error instanceof ProxyError ? abort(error) : leave()));
  response.on("error", leave);
  response.once("close", () => {
    if (!response.writableFinished) leave();
  });
  if (response.destroyed) leave();
  const elapsedMs = (): number => clock.monotonicMs() - draft.startedMs;
  return { request, response, caller, draft, signal: controller.signal, abort, elapsedMs };
}
