import { type Balancer, createBalancer } from "./balance/balancer.ts";
import type { FailureName } from "./base/failures.ts";
import { FAILURES } from "./base/failures.ts";
import type { Machine } from "./base/machine.ts";
import type { Clock, Log } from "./base/ports.ts";
import type { RefusedReport, Report } from "./base/report.ts";
import type { Tracer } from "./base/tracing.ts";
import type { Config } from "./config/read-config.ts";
import { resolveLimits } from "./overload/limits.ts";
import { createOverloadPlane, type OverloadPlane } from "./overload-plane.ts";
import { POLICIES } from "./policy/index.ts";
import { handleUpgrade, type UpgradeParts } from "./proxy/handshake/handle-upgrade.ts";
import { isWebSocketUpgrade } from "./proxy/handshake/is-websocket-upgrade.ts";
import { type ReportDraft, startReport } from "./proxy/handshake/report-draft.ts";
import { createRequestIds } from "./proxy/handshake/request-id.ts";
import { createTrustedProxies, type TrustedProxies } from "./proxy/handshake/trusted-proxies.ts";
import { type BackendAgents, createBackendAgents } from "./proxy/http/backend-agents.ts";
import { createForwarder } from "./proxy/http/forward.ts";
import type { HttpHandlers } from "./proxy/listen/http-server.ts";
import { createLiveTable, type LiveTable } from "./proxy/listen/live-table.ts";
import { type Connections, createConnections } from "./proxy/relay/connections.ts";
import { createNodeRelay } from "./proxy/relay/node-relay.ts";
import { createReJudge, type ReJudge } from "./proxy/relay/re-judge.ts";
import type { Relay } from "./proxy/relay/relay.ts";

/** What a data plane is given by whoever runs it. */
export type DataPlaneParts = {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly random: () => number;
  /** Names this replica in request ids. */
  readonly instance: string;
  readonly report: (report: Report) => void;
  /** Where the bytes of a rule's connections to a service are counted. */
  readonly tallies: UpgradeParts["tallies"];
  readonly tracing: { readonly tracer: Tracer };
};

/** `draining` still serves and says `Connection: close`; `refusing` answers 503. */
export type ServingPhase = "serving" | "draining" | "refusing";

/** Everything between a listener and an endpoint, without a port of its own. */
export type DataPlane = {
  readonly live: LiveTable;
  readonly balancer: Balancer;
  readonly agents: BackendAgents;
  readonly relay: Relay;
  readonly connections: Connections;
  readonly reJudge: ReJudge;
  readonly overload: OverloadPlane;
  readonly handlers: HttpHandlers;
  readonly phase: () => ServingPhase;
  readonly setPhase: (phase: ServingPhase) => void;
  /** Handshakes between request head and 101, and plain requests that are being answered. */
  readonly inFlight: () => { readonly handshakes: number; readonly requests: number };
};

/** Bytes that each side of a handshake may send early, before its reading stops. */
const HELD_BYTES = 16 * 1024;
/** Endpoints that one request may try. */
const MAX_ATTEMPTS = 3;
/** How long a peer may leave bytes unread. */
const STALL_MS = 60_000;
/** How long a refused client may take to read its answer. */
const LINGER_MS = 2_000;

const RELAY_DEFAULTS = {
  stallMs: { client: STALL_MS, backend: STALL_MS },
  queueBytes: 64 * 1024,
  maxFrameBytes: { client: 0, backend: 0 },
  maxMessageBytes: { client: 0, backend: 0 },
  maxFragments: 16_384,
  messages: { client: { perSecond: 0, burst: 0 }, backend: { perSecond: 0, burst: 0 } },
  controlFramesPerSecond: 200,
} as const;

/** Builds and joins the parts of the data plane. It routes nothing until tables are published to `live`. */
export function createDataPlane(parts: DataPlaneParts): DataPlane {
  const { config, machine, clock, log, random, report } = parts;
  const limits = resolveLimits(config, machine);
  const trustedProxies = createTrustedProxies(config.trustedProxies);
  const live = createLiveTable(POLICIES, clock);
  const balancer = createBalancer(random);
  const agents = createBackendAgents();
  const connections = createConnections(limits.webSockets, report);
  const relay = createNodeRelay({ clock, random, maxQueuedBytes: limits.queuedBytes })(connections.ended);
  const reJudge = createReJudge({ relay, connections, clock, random });
  let phase: ServingPhase = "serving";
  const overload = createOverloadPlane({
    limits,
    relay,
    connections,
    machine,
    clock,
    log,
    random,
    trusted: trustedProxies,
    isDraining: () => phase === "refusing",
  });
  const common = { live, balancer, agents, relay, connections, overload, trustedProxies, phase: () => phase };
  const { handlers, inFlight } = createHandlers(parts, common);
  return {
    ...common,
    reJudge,
    handlers,
    inFlight,
    setPhase: (next) => {
      phase = next;
    },
  };
}

type Common = Pick<DataPlane, "live" | "balancer" | "agents" | "relay" | "connections" | "overload" | "phase"> & {
  readonly trustedProxies: TrustedProxies;
};

function createHandlers(parts: DataPlaneParts, common: Common): Pick<DataPlane, "handlers" | "inFlight"> {
  const { clock, log, report } = parts;
  const upgrades = upgradeParts(parts, common);
  const { settings, indexes } = upgrades;
  const { live, balancer, agents, phase, overload } = common;
  const { doorkeeper, welcome, waitingRoom } = overload;
  const forward = createForwarder({
    clock,
    balancer,
    agents,
    indexes,
    phase,
    settings,
    welcome: welcome.request,
    enter: waitingRoom.enter,
    endpoints: live.endpoints,
    maxAttempts: MAX_ATTEMPTS,
  });
  const counts = { handshakes: 0, requests: 0 };
  const track = (kind: keyof typeof counts, work: Promise<void>): void => {
    counts[kind] += 1;
    work
      .catch((error: unknown) => log.error({ error }, "a request was dropped by a defect"))
      .finally(() => {
        counts[kind] -= 1;
      });
  };
  const handlers: HttpHandlers = {
    isUpgrade: isWebSocketUpgrade,
    request: (request, response, arrival) => {
      doorkeeper.spoke(arrival);
      track("requests", forward(request, response, arrival).then(report));
    },
    upgrade: (request, stream, head, arrival) => {
      doorkeeper.spoke(arrival);
      track("handshakes", handleUpgrade(upgrades, { request, stream, head, arrival }));
    },
    rejected: (failure, detail, arrival) => {
      const caller = { id: settings.nextRequestId(), arrival, clientAddress: arrival.peerAddress, trace: null };
      report(rejection(startReport(clock, caller, ""), failure, detail));
      return caller.id;
    },
    crashed: (error, arrival) => log.error({ error, peerAddress: arrival.peerAddress }, "a handler threw"),
  };
  return { handlers, inFlight: () => ({ ...counts }) };
}

/** The report of a request whose head could not be read: all that is known of it is where it came from. */
function rejection(draft: ReportDraft, failure: FailureName, detail: string): RefusedReport {
  return { ...draft.head(), outcome: "refused", upgrade: false, status: FAILURES[failure].status, failure, detail };
}

function upgradeParts(parts: DataPlaneParts, common: Common): UpgradeParts {
  const { config, clock, random, instance, report, tallies, tracing } = parts;
  const { live, balancer, relay, connections, overload, trustedProxies } = common;
  return {
    relay,
    balancer,
    clock,
    random,
    report,
    tallies,
    tracer: tracing.tracer,
    endpoints: live.endpoints,
    indexes: () => ({ routes: live.routes(), hostTls: live.hostTls() }),
    welcome: overload.welcome.handshake,
    enter: overload.waitingRoom.enter,
    connections,
    settings: {
      random,
      trustedProxies,
      nextRequestId: createRequestIds(instance, 0),
      publicHttpsPort: config.publicHttpsPort,
      debugResponses: config.debugResponses,
      lingerMs: LINGER_MS,
      heldBytes: HELD_BYTES,
      maxAttempts: MAX_ATTEMPTS,
      stallMs: STALL_MS,
      relay: RELAY_DEFAULTS,
    },
  };
}
