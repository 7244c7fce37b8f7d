import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createBalancer } from "../../src/balance/balancer.ts";
import { ProxyError } from "../../src/base/failures.ts";
import { createFlowTallies } from "../../src/base/flow-tally.ts";
import type { Clock } from "../../src/base/ports.ts";
import type { Report } from "../../src/base/report.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { noTracer } from "../../src/base/tracing.ts";
import { POLICIES } from "../../src/policy/index.ts";
import type { AnyPolicy } from "../../src/policy/policy.ts";
import { handleUpgrade, type Upgrade, type UpgradeSettings } from "../../src/proxy/handshake/handle-upgrade.ts";
import { isWebSocketUpgrade } from "../../src/proxy/handshake/is-websocket-upgrade.ts";
import { createRequestIds } from "../../src/proxy/handshake/request-id.ts";
import { trustNobody } from "../../src/proxy/handshake/trusted-proxies.ts";
import { readArrival } from "../../src/proxy/listen/arrival.ts";
import { createConnections } from "../../src/proxy/relay/connections.ts";
import { type DrainOutcome, drain } from "../../src/proxy/relay/drain.ts";
import { createNodeRelay } from "../../src/proxy/relay/node-relay.ts";
import type { EndpointTable } from "../../src/table/endpoint-table.ts";
import { compileRoutes } from "../../src/table/match.ts";
import type { RoutingTable } from "../../src/table/routing-table.ts";
import { compileHostTls } from "../../src/table/select-host-tls.ts";
import { expose } from "./sentinels.ts";

/** The data plane's way of upgrades, from a listener to the relay, with everything else left out. */
export type UpgradeProxy = {
  readonly port: number;
  readonly reports: readonly Report[];
  /** The report with this number, from 0, once it is there. */
  readonly report: (index: number) => Promise<Report>;
  /** Resolves when no handshake is being handled and no connection is open. */
  readonly settled: () => Promise<unknown>;
  /** Refuses handshakes from now on, and says goodbye to what is open or is opened meanwhile. */
  readonly drain: () => Promise<DrainOutcome>;
  readonly close: () => Promise<void>;
};

/** What a test may choose. */
export type UpgradeProxyChoices = {
  readonly routing: RoutingTable;
  readonly endpoints: EndpointTable;
  readonly settings?: Partial<UpgradeSettings>;
  readonly clock?: Clock;
  readonly reads?: "shared" | "plain";
  readonly limit?: number;
  readonly policies?: readonly AnyPolicy[];
  readonly onRequest?: RequestListener;
};

const UNLIMITED = { perSecond: 0, burst: 0 };

/** Settings under which nothing but the handshake itself ends a connection soon. */
export const UPGRADE_SETTINGS: UpgradeSettings = {
  trustedProxies: trustNobody,
  nextRequestId: createRequestIds("test", 0),
  publicHttpsPort: 443,
  debugResponses: false,
  random: () => 0,
  lingerMs: 1_000,
  heldBytes: 16_384,
  maxAttempts: 3,
  stallMs: 5_000,
  relay: {
    stallMs: { client: 60_000, backend: 60_000 },
    queueBytes: 65_536,
    maxFrameBytes: { client: 0, backend: 0 },
    maxMessageBytes: { client: 0, backend: 0 },
    maxFragments: 1_000,
    messages: { client: UNLIMITED, backend: UNLIMITED },
    controlFramesPerSecond: 0,
  },
};

/** Listens on loopback. */
export async function startUpgradeProxy(choices: UpgradeProxyChoices): Promise<UpgradeProxy> {
  const { routing, endpoints, clock = systemClock, reads = "shared", limit = 10_000 } = choices;
  const reports: Report[] = [];
  const exposed = expose("a report");
  const changed = new Set<() => void>();
  const notify = (): void => {
    for (const look of changed) look();
  };
  const report = (made: Report): void => {
    reports.push(made);
    exposed.add(JSON.stringify(made));
    notify();
  };
  const connections = createConnections(limit, report);
  const relay = createNodeRelay({ clock, random: Math.random, reads })(connections.ended);
  const indexes = {
    routes: compileRoutes(routing, choices.policies ?? POLICIES),
    hostTls: compileHostTls({ certificates: new Map(), hosts: [], fallback: null, ticketKeys: null }),
  };
  let draining = false;
  let pending = 0;
  const parts = {
    relay,
    connections,
    clock,
    report,
    random: Math.random,
    balancer: createBalancer(() => 0),
    indexes: () => indexes,
    endpoints: () => endpoints,
    welcome: () => {
      if (draining) throw new ProxyError("Draining", "draining");
      if (connections.isFull()) throw new ProxyError("TooManyConnections", "full");
    },
    enter: () => new DisposableStack(),
    tallies: createFlowTallies,
    tracer: noTracer,
    settings: { ...UPGRADE_SETTINGS, ...choices.settings },
  };
  const server = createServer(
    { shouldUpgradeCallback: isWebSocketUpgrade, requireHostHeader: false },
    choices.onRequest ?? ((_request, response) => response.end("plain")),
  );
  const handle = async (upgrade: Upgrade): Promise<void> => {
    pending += 1;
    await handleUpgrade(parts, upgrade);
    pending -= 1;
    notify();
  };
  server.on("upgrade", (request, stream, head) => {
    // Never rejects, and if it did, `pending` would not come back to 0.
    handle({ request, stream, head, arrival: readArrival(request.socket) }).catch(() => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const whenever = <Value>(read: () => Value | undefined): Promise<Value> =>
    new Promise((resolve) => {
      const look = (): void => {
        const value = read();
        if (value === undefined) return;
        changed.delete(look);
        resolve(value);
      };
      changed.add(look);
      look();
    });
  return {
    port: (server.address() as AddressInfo).port,
    reports,
    report: (index) => whenever(() => reports[index]),
    settled: () => whenever(() => (pending === 0 && connections.counts().open === 0 ? null : undefined)),
    drain: () => {
      draining = true;
      const handshakesOver = whenever(() => (pending === 0 ? true : undefined)).then(() => undefined);
      return drain({ ...parts, handshakesOver }, { maxDrainMs: 0, deadlineMs: 5_000 });
    },
    close: async () => {
      server.closeAllConnections();
      await relay.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
