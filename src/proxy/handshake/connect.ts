import type { Balancer } from "../../balance/balancer.ts";
import { endpointName } from "../../balance/endpoint-queue.ts";
import { ProxyError } from "../../base/failures.ts";
import { messageOf } from "../../base/message-of.ts";
import type { Handshake } from "../../base/request-facts.ts";
import type { EndpointTable, PoolKey } from "../../table/endpoint-table.ts";
import { DialError, type Relay, type Side } from "../relay/relay.ts";
import type { Permit } from "./admit.ts";
import { type Framing, readFraming } from "./body-framing.ts";
import { type Agreement, checkSwitch } from "./check-switch.ts";
import type { Route } from "./find-route.ts";
import { formatHandshake, formatSwitch } from "./format-handshake.ts";
import type { HandshakeBudget } from "./handshake-budget.ts";
import { type BackendAnswer, readBackendAnswer } from "./read-backend-answer.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";
import { type Candidate, pickBackend, tryEndpoints } from "./try-endpoints.ts";
import { untilAborted } from "./until-aborted.ts";

/** A backend that took the upgrade, with what it agreed to. */
export type Switched = {
  readonly type: "Switched";
  readonly upstream: Side;
  /** The whole 101 as the client gets it. */
  readonly answer: Uint8Array;
  readonly agreement: Agreement;
};

/** A backend that declined the upgrade. It holds no bytes of the client, and must be closed. */
export type Declined = {
  readonly type: "Declined";
  readonly upstream: Side;
  readonly answer: BackendAnswer;
  readonly framing: Framing;
};

/** What came of a handshake with a backend. */
export type Connected = Switched | Declined;

/** What every handshake connects with. */
export type DialParts = {
  readonly relay: Pick<Relay, "dial">;
  readonly balancer: Balancer;
  readonly endpoints: () => EndpointTable;
  readonly settings: {
    readonly trustedProxies: TrustedProxies;
    /** Early bytes to hold of each side before reading stops. */
    readonly heldBytes: number;
    /** Endpoints to try in all. */
    readonly maxAttempts: number;
  };
};

/** What one handshake connects with. */
export type Line = {
  readonly parts: DialParts;
  readonly budget: HandshakeBudget;
  /** Told of each attempt, for the report. */
  readonly dialling: (service: PoolKey, endpoint: string) => void;
};

/**
 * Opens the backend's side and shakes hands with it on the client's behalf. Another endpoint is tried only when a connect
 * failed, since nothing was sent then. Whoever calls it shows the permit: nothing is dialled without one.
 * Rejects with a ProxyError and leaves no connection behind.
 */
export async function connect(_permit: Permit, handshake: Handshake, route: Route, line: Line): Promise<Connected> {
  const upstream = await dial(route, line);
  try {
    await send(upstream, formatHandshake(handshake, route, line.parts.settings.trustedProxies), line.budget.signal);
    const answer = await readBackendAnswer(upstream, line.budget.signal);
    if (answer.head.status !== 101) {
      return { type: "Declined", upstream, answer, framing: readFraming(answer.head) };
    }
    const agreement = checkSwitch(answer.head, handshake.webSocket);
    upstream.unread(answer.rest);
    const switching = formatSwitch(answer.head, route.forward.responseHeaders);
    return { type: "Switched", upstream, answer: switching, agreement };
  } catch (error) {
    upstream.close("reset", 0);
    throw error;
  }
}

async function dial(route: Route, line: Line): Promise<Side> {
  const { signal } = line.budget;
  const { balancer, endpoints, settings } = line.parts;
  const backend = pickBackend(balancer, route.name, route.forward);
  const tries = {
    balancer,
    endpoints,
    max: settings.maxAttempts,
    mayRetry: (error: unknown) => !signal.aborted && error instanceof DialError && error.kind !== "tls",
  };
  try {
    return await tryEndpoints(backend, tries, (candidate) => dialEndpoint(candidate, route, line));
  } catch (error) {
    throw signal.aborted ? signal.reason : asProxyError(error);
  }
}

async function dialEndpoint({ endpoint, pool, tls }: Candidate, route: Route, line: Line): Promise<Side> {
  const { signal, remainingMs } = line.budget;
  signal.throwIfAborted();
  line.dialling(pool, endpointName(endpoint));
  const target = {
    address: endpoint.address,
    port: endpoint.port,
    connectMs: Math.min(route.forward.timeouts.connectMs, remainingMs()),
    held: line.parts.settings.heldBytes,
    tls: tls === null ? null : { ...tls, identityId: null },
  };
  const upstream = await line.parts.relay.dial(target, signal);
  if (signal.aborted) {
    upstream.close("reset", 0);
    throw signal.reason;
  }
  return upstream;
}

async function send(upstream: Side, head: Uint8Array, signal: AbortSignal): Promise<void> {
  try {
    await untilAborted(signal, upstream.write(head));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new ProxyError("BackendReset", `the handshake could not be sent: ${messageOf(error)}`);
  }
}

const DIAL_FAILURES = { connect: "ConnectFailed", timeout: "ConnectTimeout", tls: "BackendTlsFailed" } as const;

function asProxyError(error: unknown): unknown {
  return error instanceof DialError ? new ProxyError(DIAL_FAILURES[error.kind], error.message) : error;
}
