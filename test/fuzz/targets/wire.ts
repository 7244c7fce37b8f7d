import { setImmediate as turn } from "node:timers/promises";
import { createFlowTallies } from "../../../src/base/flow-tally.ts";
import type { Log } from "../../../src/base/ports.ts";
import type { Report } from "../../../src/base/report.ts";
import { systemClock } from "../../../src/base/system-clock.ts";
import { systemMachine } from "../../../src/base/system-machine.ts";
import { noTracer } from "../../../src/base/tracing.ts";
import { readConfig } from "../../../src/config/read-config.ts";
import { createDataPlane, type DataPlane } from "../../../src/data-plane.ts";
import { startHttpListener } from "../../../src/proxy/listen/http-listener.ts";
import { HTTP_DEFAULTS } from "../../../src/proxy/listen/http-server.ts";
import { endpointTable, entryFor, forwardTo, poolBackend, routingTable } from "../../harness/build-table.ts";
import { listenRaw } from "../../harness/raw-backend.ts";
import { connectRaw, type RawPeer } from "../../harness/raw-client.ts";

/** A whole data plane between a client and a backend of the fuzzer's. */
export type Wire = {
  readonly dial: () => Promise<RawPeer>;
  /** Waits until nothing is open or in flight, then says what happened since the last time; rejects on a defect that was logged. */
  readonly settle: () => Promise<{ readonly backends: readonly string[]; readonly reports: readonly Report[] }>;
  readonly close: () => Promise<void>;
};

/** Long enough for a noisy machine; what takes longer hangs. */
const PATIENCE_MS = 20_000;

/** Times so short that an input that leaves everybody waiting costs little. */
const TIMEOUTS = { connectMs: 5_000, handshakeMs: 300, idleMs: 300, maxConnectionDurationMs: 0, closeMs: 100 };

/** How soon a client must have sent its head, in ms, where inputs may leave one unfinished. */
export const HASTY_HEAD_MS = 100;

/** Opens a wire whose every path leads to a backend that does as the script says. */
export async function openWire(script: (connection: RawPeer) => Promise<void>, headMs: number): Promise<Wire> {
  const backend = await listenRaw(script);
  const defects: string[] = [];
  const reports: Report[] = [];
  const plane = openPlane(defects, reports);
  const entry = entryFor(forwardTo([poolBackend("a/a:80")], { timeouts: TIMEOUTS }));
  plane.live.publish({
    routing: routingTable({ "*": [entry] }),
    endpoints: endpointTable({ "a/a:80": [backend.port] }),
    certificates: { certificates: new Map(), hosts: [], fallback: null, ticketKeys: null },
  });
  const listener = await startHttpListener(
    { host: "127.0.0.1", port: 0 },
    { ...HTTP_DEFAULTS, headMs, keepAliveMs: 100 },
    plane.handlers,
    { log: silentBut(defects), doorkeeper: plane.overload.doorkeeper },
  );
  let seen = 0;
  return {
    dial: async () => {
      // What an input that showed a defect left behind is not the next one's.
      await untilIdle(plane);
      defects.length = 0;
      reports.length = 0;
      seen = backend.connections.length;
      return connectRaw(listener.address.port);
    },
    settle: async () => {
      await untilIdle(plane);
      const fresh = backend.connections.slice(seen);
      seen = backend.connections.length;
      for (const { socket } of fresh) socket.destroy();
      await backend.idle();
      if (defects.length > 0) throw new Error(`a defect was logged: ${defects.splice(0).join("; ")}`);
      return { backends: fresh.map((connection) => connection.text()), reports: reports.splice(0) };
    },
    close: async () => {
      listener.stopAccepting();
      listener.cut();
      await plane.relay.stop();
      plane.agents.close();
      plane.overload.stop();
      await backend.close();
    },
  };
}

function openPlane(defects: string[], reports: Report[]): DataPlane {
  const read = readConfig({ manifests: ".", maxHandshakesPerSecond: "0" }, false);
  if (!read.ok) throw new Error(read.errors.join("\n"));
  return createDataPlane({
    config: read.config,
    log: silentBut(defects),
    clock: systemClock,
    machine: systemMachine,
    random: Math.random,
    instance: "fuzz",
    report: (report) => reports.push(report),
    tallies: createFlowTallies,
    tracing: { tracer: noTracer },
  });
}

/** Errors are ours: no input may cause one. */
function silentBut(defects: string[]): Log {
  const silent = (): void => {};
  return {
    debug: silent,
    info: silent,
    warn: silent,
    error: (fields, message) => defects.push(`${message} ${String(fields["error"])}`),
  };
}

async function untilIdle(plane: DataPlane): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { handshakes, requests } = plane.inFlight();
    const { open } = plane.connections.counts();
    if (handshakes + requests + open === 0) return;
    if (performance.now() > deadline) {
      throw new Error(`after ${PATIENCE_MS} ms: ${handshakes} handshakes, ${requests} requests, ${open} WebSockets`);
    }
    await turn();
  }
}

/** Waits for an answer, says that nothing more will be asked, and waits for the end; none of it for ever. */
export async function untilOver(peer: RawPeer): Promise<void> {
  await waitFor(peer, (bytes) => bytes.length > 0);
  peer.end();
  await waitFor(peer, (bytes) => bytes.includes("HTTP/1.1 101"));
  peer.socket.destroy();
  await peer.closed;
}

/** Resolves also when the stream ends first. */
async function waitFor(peer: RawPeer, holds: (bytes: Buffer) => boolean): Promise<void> {
  await peer.until(holds, PATIENCE_MS).catch((error: unknown) => {
    if (String(error).includes("not within")) throw error;
  });
}
