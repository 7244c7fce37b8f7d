import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Both } from "../../base/endings.ts";
import { ProxyError } from "../../base/failures.ts";
import type { FlowTally } from "../../base/flow-tally.ts";
import type { Clock } from "../../base/ports.ts";
import type { Report, RuleName } from "../../base/report.ts";
import type { Arrival, Handshake } from "../../base/request-facts.ts";
import type { HandshakeSpan, Tracer } from "../../base/tracing.ts";
import type { Connections } from "../relay/connections.ts";
import type { Relay, Side } from "../relay/relay.ts";
import { admit, type Permit } from "./admit.ts";
import { type Connected, connect, type Declined, type DialParts, type Switched } from "./connect.ts";
import { findRoute, type Indexes, type Route, type RouteSettings } from "./find-route.ts";
import { forwardDecline } from "./forward-decline.ts";
import { startBudget } from "./handshake-budget.ts";
import { readHandshake } from "./read-handshake.ts";
import { type CallerSettings, readCaller } from "./read-request.ts";
import { describeRefusal, type RefusalSettings, refuseUpgrade } from "./refuse.ts";
import { type RelayDefaults, relaySettings } from "./relay-settings.ts";
import { type ReportDraft, startReport } from "./report-draft.ts";

/** An upgrade as Node's 'upgrade' event hands it over. */
export type Upgrade = {
  readonly request: IncomingMessage;
  readonly stream: Duplex;
  readonly head: Buffer;
  readonly arrival: Arrival;
};

/** Settings of the process, the same for every upgrade. */
export type UpgradeSettings = CallerSettings &
  RouteSettings &
  RefusalSettings &
  DialParts["settings"] & {
    /** How long the body of an answer that declines may stand still. */
    readonly stallMs: number;
    readonly relay: RelayDefaults;
  };

/** What handling upgrades works with. The tables are asked for anew by each handshake. */
export type UpgradeParts = Omit<DialParts, "settings"> & {
  readonly relay: Pick<Relay, "adopt" | "dial" | "start">;
  readonly indexes: () => Indexes;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Throws a ProxyError where this replica takes no handshake on. */
  readonly welcome: () => void;
  /** A place among those who wait for a backend, until it is disposed of; throws a ProxyError where there is none. */
  readonly enter: (route: RuleName) => Disposable;
  /** Keeps track of a relayed connection, reports it at its end, and has it closed at once when a drain has begun. */
  readonly connections: Pick<Connections, "opened">;
  /** Where the bytes of a rule's connections to a service are counted. */
  readonly tallies: (rule: RuleName, service: string) => Both<FlowTally>;
  readonly report: (report: Report) => void;
  readonly tracer: Tracer;
  readonly settings: UpgradeSettings;
};

/** Twice the longest name in IANA's registry of subprotocols, with room for versions. */
const LONGEST_SUBPROTOCOL = 64;

/** One upgrade on its way through the verbs. */
type Passage = {
  readonly parts: UpgradeParts;
  readonly client: Side;
  readonly draft: ReportDraft;
  readonly span: HandshakeSpan;
};

/**
 * One WebSocket, from its upgrade request to its relay or its refusal: read, match, admit, connect, splice. Call it
 * synchronously in the 'upgrade' event. Never rejects. Exactly one report is made: by `report`, or, once relayed, by
 * `connections`.
 */
export async function handleUpgrade(parts: UpgradeParts, { request, stream, head, arrival }: Upgrade): Promise<void> {
  const client = parts.relay.adopt(stream, head, parts.settings.heldBytes);
  const asked = readCaller(request, arrival, parts.settings);
  const span = parts.tracer.handshake(asked.trace);
  const caller = { ...asked, trace: span.context };
  const draft = startReport(parts.clock, caller, request.method ?? "");
  const passage: Passage = { parts, client, draft, span };
  using taken = new DisposableStack();
  try {
    const handshake = readHandshake(request, caller, ({ host, path }) => draft.note({ host, path }));
    requireWelcome(passage);
    const route = findRoute(handshake, parts.indexes(), parts.settings, (name) => draft.note({ route: name }));
    span.step({ name: "matched" });
    const permit = taken.use(admit(route.gates, handshake));
    span.step({ name: "admitted" });
    const connected = await connectInTime(passage, permit, handshake, route);
    if (connected.type === "Declined") await decline(passage, connected, route);
    else splice(passage, connected, route, taken.move());
  } catch (error) {
    await refuse(passage, error);
  }
}

function requireWelcome({ parts, client }: Passage): void {
  // Also an upgrade that was sent behind a request whose answer is not finished: the relay destroys that connection.
  if (client.gone.aborted) throw new ProxyError("ClientGone", "the connection was gone before the handshake was read");
  parts.welcome();
}

async function connectInTime(
  { parts, client, draft, span }: Passage,
  permit: Permit,
  handshake: Handshake,
  route: Route,
): Promise<Connected> {
  using _place = parts.enter(route.name);
  const budget = startBudget(parts.clock, draft.startedMs, route.forward.timeouts.handshakeMs, client.gone);
  const dialling = (service: string, endpoint: string): void => {
    draft.note({ service, endpoint });
    span.step({ name: "dialling", endpoint });
  };
  try {
    return await connect(permit, handshake, route, { parts, budget, dialling });
  } finally {
    budget.stop();
  }
}

// From here on failure is a close code.
function splice({ parts, client, draft, span }: Passage, switched: Switched, route: Route, permit: Disposable): void {
  const { upstream, answer, agreement } = switched;
  const settings = relaySettings(parts.settings.relay, route.forward, agreement.extensions, parts.random);
  const head = draft.head();
  const tallies = parts.tallies(route.name, head.service ?? "");
  const id = parts.relay.start({ client, backend: upstream }, answer, settings, tallies);
  const subprotocol = reportable(agreement.subprotocol);
  span.end({ head, status: 101, failure: null });
  parts.connections.opened(id, { head, subprotocol, route, release: () => permit[Symbol.dispose]() });
}

/** Some clients smuggle a token in as a subprotocol, and some backends choose it: what is that long is no protocol's name. */
function reportable(subprotocol: string | null): string | null {
  return subprotocol !== null && subprotocol.length > LONGEST_SUBPROTOCOL ? "[too long to be a name]" : subprotocol;
}

async function decline({ parts, client, draft, span }: Passage, declined: Declined, route: Route): Promise<void> {
  const { clock, settings } = parts;
  const { status } = declined.answer.head;
  const head = draft.head();
  span.end({ head, status, failure: null });
  const { stallMs, lingerMs } = settings;
  const complete = await forwardDecline(client, declined, route.forward.responseHeaders, { clock, stallMs, lingerMs });
  const durationMs = clock.monotonicMs() - draft.startedMs;
  parts.report({ ...head, outcome: "answered", upgrade: true, status, durationMs, complete });
}

async function refuse({ parts, client, draft, span }: Passage, thrown: unknown): Promise<void> {
  const head = draft.head();
  const refusal = describeRefusal(thrown, head.id, parts.settings);
  const { failure, detail } = refusal.error;
  span.end({ head, status: refusal.status, failure });
  await refuseUpgrade(client, refusal, parts.settings);
  parts.report({ ...head, outcome: "refused", upgrade: true, status: refusal.status, failure, detail });
}
