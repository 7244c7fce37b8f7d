import { onTestFinished } from "vitest";
import { createBalancer } from "../../../src/balance/balancer.ts";
import { type FailureName, ProxyError } from "../../../src/base/failures.ts";
import type { Log } from "../../../src/base/ports.ts";
import type { Report } from "../../../src/base/report.ts";
import type { Arrival } from "../../../src/base/request-facts.ts";
import { systemClock } from "../../../src/base/system-clock.ts";
import { isWebSocketUpgrade } from "../../../src/proxy/handshake/is-websocket-upgrade.ts";
import { createRequestIds } from "../../../src/proxy/handshake/request-id.ts";
import { trustNobody } from "../../../src/proxy/handshake/trusted-proxies.ts";
import { type BackendAgents, createBackendAgents } from "../../../src/proxy/http/backend-agents.ts";
import { createForwarder, type ForwarderDeps, type ForwardSettings } from "../../../src/proxy/http/forward.ts";
import { startHttpListener } from "../../../src/proxy/listen/http-listener.ts";
import { HTTP_DEFAULTS } from "../../../src/proxy/listen/http-server.ts";
import { compileRoutes } from "../../../src/table/match.ts";
import type { Entry, Forward } from "../../../src/table/routing-table.ts";
import { compileHostTls } from "../../../src/table/select-host-tls.ts";
import { endpointTable, entryFor, forwardTo, poolBackend, routingTable } from "../../harness/build-table.ts";
import { openDoor } from "../../harness/open-door.ts";
import { listenRaw, type RawBackend } from "../../harness/raw-backend.ts";
import { connectRaw, type RawPeer } from "../../harness/raw-client.ts";
import { expose } from "../../harness/sentinels.ts";

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A running server whose plain requests go through a forwarder. */
export type Serving = {
  readonly port: number;
  readonly agents: BackendAgents;
  readonly reports: readonly Report[];
  /** What the listener refused before it was a request. */
  readonly rejections: readonly FailureName[];
  /** The report with this number, from 0, once it is there. */
  readonly report: (index: number) => Promise<Report>;
  readonly connect: () => Promise<RawPeer>;
};

/** What a test wants to be different. */
export type ServingChanges = {
  readonly forward?: Partial<Forward>;
  readonly entries?: readonly Entry[];
  readonly settings?: Partial<ForwardSettings>;
  readonly deps?: Partial<ForwarderDeps>;
  readonly arrival?: Partial<Arrival>;
};

/** Serves every host, all of whose paths go to the given ports of loopback, until the test ends. */
export async function serveForwarder(ports: readonly number[], changes: ServingChanges = {}): Promise<Serving> {
  const agents = createBackendAgents();
  const forward = createForwarder(forwarderDeps(ports, changes, agents));
  const reports: Report[] = [];
  const exposed = expose("a report");
  const waiting = new Set<() => void>();
  const keep = (report: Report): void => {
    reports.push(report);
    exposed.add(JSON.stringify(report));
    for (const look of waiting) look();
  };
  const rejections: FailureName[] = [];
  const listener = await startHttpListener(
    { host: "127.0.0.1", port: 0 },
    HTTP_DEFAULTS,
    {
      isUpgrade: isWebSocketUpgrade,
      request: (request, response, arrival) => {
        forward(request, response, { ...arrival, ...changes.arrival }).then(keep, () => response.destroy());
      },
      upgrade: (_request, socket) => {
        socket.destroy();
      },
      rejected: (failure) => {
        return `rejected-${rejections.push(failure)}`;
      },
      crashed: (error) => {
        throw error;
      },
    },
    { log: SILENT, doorkeeper: openDoor() },
  );
  onTestFinished(() => {
    agents.close();
    listener.stopAccepting();
    listener.cut();
  });
  const { port } = listener.address;
  return {
    port,
    agents,
    rejections,
    reports,
    report: (index) =>
      new Promise((resolve) => {
        const look = (): void => {
          const report = reports[index];
          if (report === undefined) return;
          waiting.delete(look);
          resolve(report);
        };
        waiting.add(look);
        look();
      }),
    connect: async () => {
      const client = await connectRaw(port);
      onTestFinished(() => {
        client.socket.destroy();
      });
      return client;
    },
  };
}

/** A raw backend that lives until the test ends; without a script it reads, and closes when the other side does. */
export async function backendFor(
  script: (connection: RawPeer, index: number) => void | Promise<void> = closeWithThem,
): Promise<RawBackend> {
  const backend = await listenRaw(script);
  onTestFinished(() => backend.close());
  return backend;
}

async function closeWithThem(connection: RawPeer): Promise<void> {
  await connection.ended;
  connection.socket.destroy();
}

/** A backend that sends `answers` in order, one after the empty line of each request; the last again and again. */
export function answering(...answers: readonly string[]): Promise<RawBackend> {
  return backendFor(async (connection) => {
    for (let count = 1; ; count += 1) {
      await connection.until((bytes) => bytes.toString("latin1").split("\r\n\r\n").length > count, 10_000);
      await connection.send(answers[count - 1] ?? answers.at(-1) ?? "");
    }
  });
}

/** A request's text without the fields that every forwarded request gets. */
export function essence(text: string): string {
  return text.replaceAll(/X-(?:Forwarded-\w+|Real-IP|Request-Id): [^\r]*\r\n/g, "");
}

/** What a forwarder works with when every host and path goes to the given ports of loopback. */
export function forwarderDeps(ports: readonly number[], changes: ServingChanges, agents: BackendAgents): ForwarderDeps {
  const entries = changes.entries ?? [entryFor(forwardTo([poolBackend("test/web:80")], changes.forward))];
  const routes = compileRoutes(routingTable({ "*": entries }), []);
  const hostTls = compileHostTls({ certificates: new Map(), hosts: [], fallback: null, ticketKeys: null });
  return {
    clock: systemClock,
    balancer: createBalancer(() => 0),
    agents,
    endpoints: () => endpointTable({ "test/web:80": ports }),
    maxAttempts: 3,
    indexes: () => ({ routes, hostTls }),
    phase: () => "serving",
    welcome: () => {
      if (changes.deps?.phase?.() === "refusing") throw new ProxyError("Draining", "a test");
    },
    enter: () => new DisposableStack(),
    settings: {
      trustedProxies: trustNobody,
      nextRequestId: createRequestIds("test", 0),
      publicHttpsPort: 443,
      debugResponses: false,
      random: () => 0,
      lingerMs: 1_000,
      stallMs: 60_000,
      ...changes.settings,
    },
    ...changes.deps,
  };
}
