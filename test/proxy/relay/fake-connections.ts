import type { Flow, SideEnd } from "../../../src/base/endings.ts";
import type { RelayedReport, RuleName } from "../../../src/base/report.ts";
import { type Connections, createConnections, type OpenedConnection } from "../../../src/proxy/relay/connections.ts";
import type { CloseOrder, Relay, RelayEnd, RelayId } from "../../../src/proxy/relay/relay.ts";
import type { DrainSettings } from "../../../src/table/routing-table.ts";
import type { FakeClock } from "../../harness/fake-clock.ts";

const FLOW: Flow = { bytes: 0, frames: 0, messages: 0, queuedBytes: 0, queuedPeak: 0, undeliveredBytes: 0 };
const SIDE: SideEnd = { received: null, sent: null, ended: "fin", errno: null };

const LIVE = {
  state: "open",
  ageMs: 0,
  from: { client: FLOW, backend: FLOW },
  pingRttMs: { client: null, backend: null },
} as const;

/** The route that connections came by unless they say otherwise. */
export const CHAT: RuleName = { kind: "WebSocketRoute", namespace: "shop", name: "chat", rule: "main" };

/** An id as a relay would give it. */
export function relayId(number: number): RelayId {
  return number as RelayId;
}

/** An end that was clean. */
export function cleanEnd(id: number, change: Partial<RelayEnd> = {}): RelayEnd {
  const both = { from: { client: FLOW, backend: FLOW }, sides: { client: SIDE, backend: SIDE } };
  return {
    id: relayId(id),
    cause: "client",
    by: "client",
    clean: true,
    durationMs: 5,
    detail: null,
    ...both,
    ...change,
  };
}

/** A connection of CHAT. */
export function openedBy(
  id: string,
  drain: Partial<DrainSettings> = {},
  given: { readonly route?: RuleName | null; readonly release?: () => void } = {},
): OpenedConnection {
  const { route = CHAT, release = () => undefined } = given;
  const head = {
    id,
    clientAddress: "192.0.2.1",
    peerAddress: "192.0.2.1",
    secure: false,
    method: "GET",
    host: "a.test",
  };
  const found = {
    path: "/",
    route,
    service: "shop/chat:80",
    endpoint: "10.0.0.1:80",
    traceId: null,
    startedAtMs: 0,
    handshakeMs: 1,
  };
  const settings: DrainSettings = { code: 1012, reason: "bye", windowMs: 10_000, onRouteDeleted: "Keep", ...drain };
  return {
    head: { ...head, ...found },
    subprotocol: null,
    route: { forward: { drain: settings, timeouts: { closeMs: 2000 } } },
    release,
  };
}

/** What a relay was asked, and when. */
export type Asked = { readonly id: number; readonly atMs: number; readonly order: CloseOrder };

/** A registry with a relay that ends each connection as soon as it is asked to, unless `holds` says that it does not. */
export type FakeConnections = {
  readonly connections: Connections;
  readonly relay: Pick<Relay, "inspect" | "requestClose">;
  readonly asked: Asked[];
  readonly reports: RelayedReport[];
};

export function createFakeConnections(
  clock: FakeClock,
  given: { readonly quietMs?: (id: number) => number; readonly holds?: (id: number) => boolean } = {},
): FakeConnections {
  const { quietMs = () => 0, holds = () => false } = given;
  const asked: Asked[] = [];
  const reports: RelayedReport[] = [];
  const connections = createConnections(10_000, (report) => reports.push(report));
  const relay: FakeConnections["relay"] = {
    inspect: () => {
      const ids = [...connections.entries()].map(([id]) => id);
      return Promise.resolve(ids.map((id) => ({ ...LIVE, id, quietMs: quietMs(id) })));
    },
    requestClose: (id, order) => {
      asked.push({ id, atMs: clock.monotonicMs(), order });
      if (!holds(id)) clock.after(1, () => connections.ended(cleanEnd(id, { cause: order.cause, by: "proxy" })));
    },
  };
  return { connections, relay, asked, reports };
}

/** A random number generator that gives the same numbers every time. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
