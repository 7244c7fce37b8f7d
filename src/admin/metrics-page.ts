import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../base/ports.ts";
import type { Exposition } from "../observe/exposition.ts";
import { negotiate } from "../observe/exposition-format.ts";
import { writePieces } from "./write-pieces.ts";

/** What /metrics is answered with. */
export type MetricsSource = { readonly metrics: Exposition; readonly clock: Clock };

/**
 * /metrics: every metric of docs/reference/metrics.md. It is written as fast as it is read, a piece at a time: a reader
 * that stops costs a piece, and is cut off in the end. Rejects when the figures cannot be read.
 */
export async function answerMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  { metrics, clock }: MetricsSource,
): Promise<void> {
  using scrape = metrics.begin(negotiate(request.headers.accept));
  if (scrape === null) {
    response.writeHead(503, { "Content-Type": "text/plain", "Retry-After": "1" });
    response.end("too many scrapes are under way\n");
    return;
  }
  response.writeHead(200, {
    "Content-Type": scrape.contentType,
    "Cache-Control": "no-store",
    Vary: "Accept",
    "X-Content-Type-Options": "nosniff",
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  await writePieces(response, scrape.pieces(), clock);
}
