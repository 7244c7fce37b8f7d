import type { Flow, SideEnd } from "../../src/base/endings.ts";
import type { RelayedReport, ReportHead } from "../../src/base/report.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { createExposition, type Exposition } from "../../src/observe/exposition.ts";
import { PROBLEM_REASONS } from "../../src/observe/figures.ts";
import { createMeters } from "../../src/observe/meters.ts";
import { readProcess } from "../../src/observe/process-figures.ts";

const FLOW: Flow = { bytes: 0, frames: 0, messages: 0, queuedBytes: 0, queuedPeak: 0, undeliveredBytes: 0 };
const SIDE: SideEnd = { received: { code: 1000, reason: "" }, sent: null, ended: "fin", errno: null };
const AGES = { routing: 1, endpoints: 1, certificates: 1 };

/** The metrics of a Fairlead with so many routes and certificates, on each of which connections were opened, refused and ended. */
export function createBusyExposition(routes: number): Exposition {
  const meters = createMeters(systemClock);
  const heads = Array.from({ length: routes }, (_, index) => makeHead(index));
  meters.follow(heads.map(({ route, service }) => ({ name: route, services: [service] })));
  for (const head of heads) {
    const { client, backend } = meters.tallies(head.route, head.service);
    client.bytes += 123_456;
    backend.bytes += 9_876_543_210;
    meters.opened(head);
    meters.opened(head);
    meters.reported(makeEnd(head));
    meters.reported({ ...head, outcome: "refused", upgrade: true, status: 502, failure: "ConnectFailed", detail: "" });
  }
  const certificates = heads.map((_, index) => ({
    host: `chat-${index}.example.com`,
    secret: `team-${index % 40}/chat-${index}-tls`,
    notAfterMs: 1_900_000_000_000 + index,
  }));
  return createExposition({
    histograms: meters.histograms,
    figures: async () => ({
      version: "0.0.0",
      ready: true,
      connections: { open: routes, closing: 0, total: 2 * routes, unclean: 0, strays: 0 },
      inFlight: { handshakes: 0, requests: 0 },
      ...meters.figures(),
      kinds: [],
      table: { routes, problems: new Map(PROBLEM_REASONS.map((reason) => [reason, 0])) },
      overload: {
        limits: { webSockets: 1, clients: 1, tlsHandshakes: 1, pending: 1 },
        door: { open: 0, silent: 0, tlsHandshakes: 0 },
        pending: 0,
        memory: { level: "normal", uses: [] },
      },
      ages: AGES,
      swaps: AGES,
      certificates,
      log: { leftOut: 0, lost: 0 },
      spans: { exported: 0, failed: 0, dropped: 0 },
      process: await readProcess(),
    }),
  });
}

function makeHead(index: number): ReportHead & { readonly route: object; readonly service: string } {
  const namespace = `team-${index % 40}`;
  return {
    id: `bench-${index}`,
    clientAddress: "192.0.2.1",
    peerAddress: "192.0.2.1",
    secure: true,
    method: "GET",
    host: `chat-${index}.example.com`,
    path: "/socket",
    route: { kind: "WebSocketRoute", namespace, name: `chat-application-${index}`, rule: "0" },
    service: `${namespace}/chat-application-${index}:8080`,
    endpoint: "10.0.0.1:8080",
    traceId: null,
    startedAtMs: 0,
    handshakeMs: 12,
  };
}

function makeEnd(head: ReportHead): RelayedReport {
  return {
    ...head,
    outcome: "relayed",
    status: 101,
    subprotocol: null,
    cause: "idle",
    by: "proxy",
    clean: true,
    durationMs: 60_000,
    from: { client: FLOW, backend: FLOW },
    sides: { client: SIDE, backend: SIDE },
    detail: null,
  };
}
