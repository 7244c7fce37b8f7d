import { createFlowTallies } from "../../src/base/flow-tally.ts";
import { MEMORY_SOURCES } from "../../src/base/memory.ts";
import type { Figures } from "../../src/observe/figures.ts";
import { createOutcomeCounter } from "../../src/observe/outcomes.ts";

/** Of a process that has just started. */
export function makeFigures(changes: Partial<Figures> = {}): Figures {
  return {
    version: "1.2.3",
    ready: false,
    connections: { open: 0, closing: 0, total: 0, unclean: 0, strays: 0 },
    inFlight: { handshakes: 0, requests: 0 },
    relayed: createFlowTallies(),
    outcomes: createOutcomeCounter().outcomes(),
    routes: [],
    kinds: [],
    table: { routes: 0, problems: new Map() },
    overload: {
      limits: { webSockets: 4, clients: 3, tlsHandshakes: 2, pending: 1 },
      door: { open: 0, silent: 0, tlsHandshakes: 0 },
      pending: 0,
      memory: { level: "normal", uses: MEMORY_SOURCES.map((source) => ({ source, usedBytes: 1, limitBytes: 2 })) },
    },
    ages: { routing: null, endpoints: null, certificates: null },
    swaps: { routing: 0, endpoints: 0, certificates: 0 },
    certificates: [],
    log: { leftOut: 0, lost: 0 },
    spans: { exported: 0, failed: 0, dropped: 0 },
    process: {
      cpuMs: 1,
      loopActiveMs: 1,
      residentBytes: 1,
      heapTotalBytes: 1,
      heapUsedBytes: 1,
      externalBytes: 1,
      startedAtMs: 1,
      openFds: null,
      maxFds: null,
      nodeVersion: "v26.0.0",
    },
    scrape: { omitted: 0, refused: 0 },
    ...changes,
  };
}
