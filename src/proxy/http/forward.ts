import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ProxyError } from "../../base/failures.ts";
import type { AnsweredReport, Report, ReportHead, RuleName } from "../../base/report.ts";
import type { Arrival, RequestFacts } from "../../base/request-facts.ts";
import { admit } from "../handshake/admit.ts";
import { findRoute, type Indexes, type Route, type RouteSettings } from "../handshake/find-route.ts";
import { type CallerSettings, readCaller, readRequest } from "../handshake/read-request.ts";
import { describeRefusal, type RefusalSettings, refuseRequest } from "../handshake/refuse.ts";
import type { Answer } from "./ask-backend.ts";
import { type BodyWatch, createBodyWatch, type Stalled } from "./body-watch.ts";
import { createWebProxy } from "./create-web-proxy.ts";
import { discardRest } from "./discard-rest.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { outgoingHead } from "./outgoing-head.ts";
import { type Departure, type Reach, reachBackend } from "./reach-backend.ts";
import { type Framing, readFraming } from "./read-framing.ts";
import { abandonClient, relayAnswerBody, writeAnswerHead } from "./relay-answer.ts";
import { createTurns } from "./turns.ts";

/** `draining` still serves, and says `Connection: close`; `refusing` answers 503. */
export type ServingPhase = "serving" | "draining" | "refusing";

/** What does not change while we run. */
export type ForwardSettings = CallerSettings &
  RouteSettings &
  RefusalSettings & {
    /** The client neither sends the next byte of its body (408) nor takes the next byte of the answer. */
    readonly stallMs: number;
  };

/** What a forwarder works with. */
export type ForwarderDeps = Omit<Reach, "proxy"> & {
  readonly indexes: () => Indexes;
  readonly phase: () => ServingPhase;
  /** Throws a ProxyError where this replica takes no request on. */
  readonly welcome: () => void;
  /** A place among those who wait for a backend, until it is disposed of; throws a ProxyError where there is none. */
  readonly enter: (route: RuleName) => Disposable;
  readonly settings: ForwardSettings;
};

/** Carries one plain request, from its head to the last byte of its answer. Resolves to exactly one report; never rejects. */
export type Forwarder = (request: IncomingMessage, response: ServerResponse, arrival: Arrival) => Promise<Report>;

type Forwarding = ForwarderDeps &
  Reach & {
    /** Connections that end behind a refusal: what was sent ahead on them is not answered, and reaches no backend. */
    readonly distrusted: WeakSet<Socket>;
  };

/** Makes the function for a server's `request`, `checkContinue` and `checkExpectation` events. */
export function createForwarder(deps: ForwarderDeps): Forwarder {
  const forwarding: Forwarding = { ...deps, proxy: createWebProxy(), distrusted: new WeakSet() };
  const turns = createTurns<Report>();
  return (request, response, arrival) => {
    const caller = readCaller(request, arrival, deps.settings);
    const exchange = openExchange(deps.clock, caller, request, response);
    if (turns.count(request.socket) >= MAX_PIPELINED) request.socket.destroy();
    return turns.take(request.socket, async () => {
      try {
        return await answerRequest(forwarding, exchange);
      } catch (error) {
        return refuse(forwarding, exchange, error);
      }
    });
  };
}

/** Node reads on while answers are owed; nobody honest sends so many requests ahead. */
const MAX_PIPELINED = 64;

/** Read, match, admit, reach, relay. Throws before the response has begun, never after. */
async function answerRequest(forwarding: Forwarding, exchange: Exchange): Promise<AnsweredReport> {
  forwarding.welcome();
  exchange.signal.throwIfAborted();
  if (forwarding.distrusted.has(exchange.request.socket))
    throw new ProxyError("ClientGone", "behind a refused request");
  const facts = readRequest(exchange.request, exchange.caller);
  exchange.draft.note({ host: facts.host, path: facts.path });
  const framing = readFraming(exchange.request);
  if (facts.path === "*") return answerOptions(forwarding, exchange);
  const route = findRoute(facts, forwarding.indexes(), forwarding.settings, (name) => {
    exchange.draft.note({ route: name });
  });
  const permit = admit(route.gates, facts);
  try {
    return await forward(forwarding, exchange, facts, { route, framing });
  } finally {
    permit[Symbol.dispose]();
  }
}

async function forward(
  forwarding: Forwarding,
  exchange: Exchange,
  facts: RequestFacts,
  { route, framing }: { readonly route: Route; readonly framing: Framing },
): Promise<AnsweredReport> {
  let answer: Answer | null = null;
  const limits = { idleMs: route.forward.timeouts.idleMs, stallMs: forwarding.settings.stallMs };
  const watch = createBodyWatch(forwarding.clock, limits, (who) => {
    if (answer === null) exchange.abort(stallError(who));
    else abandonClient(answer.incoming, exchange.response);
  });
  try {
    const head = outgoingHead(facts, framing, route, forwarding.settings.trustedProxies);
    answer = await reachInTurn(forwarding, { exchange, route, framing, head, watch });
    return await passOn(forwarding, exchange, route, { answer, watch });
  } finally {
    watch.stop();
    answer?.outgoing.destroy();
  }
}

/** The place is given back with the response head: an answer may go on for days. */
async function reachInTurn(forwarding: Forwarding, departure: Departure): Promise<Answer> {
  using _place = forwarding.enter(departure.route.name);
  return await reachBackend(forwarding, departure);
}

async function passOn(
  { clock, phase, settings }: Forwarding,
  exchange: Exchange,
  route: Route,
  { answer, watch }: { readonly answer: Answer; readonly watch: BodyWatch },
): Promise<AnsweredReport> {
  const { request, response } = exchange;
  exchange.signal.throwIfAborted();
  // An answer that overtakes its request must not close over unread bytes: the connection is closed after the rest.
  const close = phase() !== "serving" && request.complete;
  writeAnswerHead(answer.incoming, response, { edits: route.forward.responseHeaders, close });
  const report = exchange.draft.head();
  const complete = await relayAnswerBody(answer.incoming, response, watch);
  discardRest(request, clock, settings.lingerMs);
  return answered(exchange, report, response.statusCode, complete);
}

/** `OPTIONS *` asks about the server itself (RFC 9110 9.3.7), which is us. */
function answerOptions({ phase }: Forwarding, exchange: Exchange): Promise<AnsweredReport> {
  const { request, response } = exchange;
  const close = phase() === "serving" ? [] : ["Connection", "close"];
  response.writeHead(200, ["Content-Length", "0", ...close]);
  const report = exchange.draft.head();
  return new Promise((resolve) => {
    response.once("finish", () => resolve(answered(exchange, report, 200, true)));
    response.once("close", () => resolve(answered(exchange, report, 200, false)));
    request.resume();
    response.end();
  });
}

function answered(exchange: Exchange, head: ReportHead, status: number, complete: boolean): AnsweredReport {
  return { ...head, outcome: "answered", upgrade: false, status, durationMs: exchange.elapsedMs(), complete };
}

function refuse({ clock, phase, settings, distrusted }: Forwarding, exchange: Exchange, thrown: unknown): Report {
  const refusal = describeRefusal(thrown, exchange.caller.id, settings);
  const { failure, detail } = refusal.error;
  const keep = phase() === "serving" && !CLOSING.has(failure);
  if (!keep) distrusted.add(exchange.request.socket);
  refuseRequest(exchange.response, refusal, { clock, lingerMs: settings.lingerMs, keep });
  return {
    ...exchange.draft.head(),
    outcome: "refused",
    upgrade: false,
    status: refusal.status,
    failure,
    detail,
  };
}

/** Failures after which nothing that the client sends on this connection can be trusted to be what it seems. */
const CLOSING: ReadonlySet<string> = new Set(["BadRequest", "RequestTimeout", "HeaderFieldsTooLarge", "Internal"]);

function stallError(who: Stalled): ProxyError {
  return who === "client"
    ? new ProxyError("RequestTimeout", "the request's body stopped arriving")
    : new ProxyError("HandshakeTimeout", "the endpoint stopped reading the request's body");
}
