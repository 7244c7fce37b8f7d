import type { ClientRequest } from "node:http";
import type { Balancer } from "../../balance/balancer.ts";
import { endpointName } from "../../balance/endpoint-queue.ts";
import { ProxyError } from "../../base/failures.ts";
import type { Clock } from "../../base/ports.ts";
import type { EndpointTable } from "../../table/endpoint-table.ts";
import type { Route } from "../handshake/find-route.ts";
import { type Candidate, pickBackend, tryEndpoints } from "../handshake/try-endpoints.ts";
import { type Answer, askBackend, QuestionFailed } from "./ask-backend.ts";
import type { BackendAgents } from "./backend-agents.ts";
import type { BodyWatch } from "./body-watch.ts";
import type { WebProxy } from "./create-web-proxy.ts";
import { createBudget } from "./deadlines.ts";
import type { Exchange } from "./exchange.ts";
import type { OutgoingHead } from "./outgoing-head.ts";
import { pumpBody } from "./pump-body.ts";
import type { Framing } from "./read-framing.ts";

/** What reaching a backend works with. */
export type Reach = {
  readonly proxy: WebProxy;
  readonly clock: Clock;
  readonly balancer: Balancer;
  readonly agents: BackendAgents;
  readonly endpoints: () => EndpointTable;
  /** Connection attempts for one request, the first included. */
  readonly maxAttempts: number;
};

/** A request that is ready to leave. */
export type Departure = {
  readonly exchange: Exchange;
  readonly route: Route;
  readonly framing: Framing;
  readonly head: OutgoingHead;
  readonly watch: BodyWatch;
};

/**
 * Sends a request to an endpoint of its route and gives back the response head. Another endpoint is tried when no
 * connection came about, and a bodyless GET or HEAD is asked again on a new connection when a kept-alive one broke.
 * Rejects with a ProxyError.
 */
export async function reachBackend(reach: Reach, departure: Departure): Promise<Answer> {
  const { exchange, route } = departure;
  const { connectMs, handshakeMs } = route.forward.timeouts;
  const budget = createBudget(reach.clock, handshakeMs, () => {
    exchange.abort(new ProxyError("HandshakeTimeout", `no response head within ${handshakeMs} ms`));
  });
  const ask = async (candidate: Candidate): Promise<Answer> => {
    exchange.draft.note({ service: candidate.pool, endpoint: endpointName(candidate.endpoint) });
    const { address, port } = candidate.endpoint;
    const origin = { address, port, tls: candidate.tls };
    const agents = reach.agents.of(origin);
    const asker = {
      response: exchange.response,
      clock: reach.clock,
      signal: exchange.signal,
      connected: (outgoing: ClientRequest) => sendBody(departure, outgoing, budget),
      continued: () => {
        if (departure.framing.expectsContinue && !exchange.response.headersSent) exchange.response.writeContinue();
      },
    };
    const question = { head: departure.head, origin, connectMs };
    try {
      return await askBackend(reach.proxy, { ...question, agent: agents.pooled }, asker);
    } catch (error) {
      if (!mayAskAgain(error, departure)) throw error;
      return await askBackend(reach.proxy, { ...question, agent: agents.fresh }, asker);
    }
  };
  try {
    // From here, not from the head: a pipelined request has waited for the answer before it.
    budget.run();
    const backend = pickBackend(reach.balancer, route.name, route.forward);
    const tries = { ...reach, max: reach.maxAttempts, mayRetry: neverConnected };
    return await tryEndpoints(backend, tries, ask);
  } catch (error) {
    throw error instanceof QuestionFailed ? new ProxyError(error.failure, error.message) : error;
  } finally {
    budget.end();
  }
}

// No byte of the request was taken from the client yet, so another endpoint can be asked the same.
function neverConnected(error: unknown): boolean {
  return (
    error instanceof QuestionFailed &&
    !error.connected &&
    (error.failure === "ConnectFailed" || error.failure === "ConnectTimeout")
  );
}

// RFC 9112 9.3.1: the server may have closed an idle connection while the request was on its way.
function mayAskAgain(error: unknown, { head, framing }: Departure): boolean {
  return (
    error instanceof QuestionFailed &&
    error.reused &&
    error.failure === "BackendReset" &&
    framing.type === "none" &&
    (head.method === "GET" || head.method === "HEAD")
  );
}

/** Streams the request's body. The budget for the response head stands still meanwhile: an upload may take its time. */
function sendBody(departure: Departure, outgoing: ClientRequest, budget: { run: () => void; pause: () => void }): void {
  const { exchange, framing, watch } = departure;
  if (framing.type === "none") {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  if (!framing.expectsContinue) budget.pause();
  const pump = pumpBody(exchange.request, outgoing, {
    progressed: () => {
      budget.pause();
      watch.touch();
    },
    ended: () => {
      budget.run();
      outgoing.end();
    },
  });
  if (!framing.expectsContinue) watch.sending(pump);
  else outgoing.once("continue", () => watch.sending(pump));
}
