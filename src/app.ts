import { hostname } from "node:os";
import { setImmediate } from "node:timers/promises";
import { type AdminOptions, createAdminServer } from "./admin/admin-server.ts";
import { createAdminToken } from "./admin/debug/admin-token.ts";
import type { Health } from "./admin/health.ts";
import type { Machine } from "./base/machine.ts";
import type { Clock, Log, LogFields } from "./base/ports.ts";
import type { Secret } from "./base/secret.ts";
import type { Config } from "./config/read-config.ts";
import { type Control, type ControlParts, createControl } from "./control.ts";
import { createDataPlane, type DataPlane } from "./data-plane.ts";
import { drainPlane, maxDrainMs } from "./drain-plane.ts";
import { measure } from "./measure.ts";
import type { OutputLog } from "./observe/log.ts";
import { createMeters } from "./observe/meters.ts";
import { createReporting } from "./observe/reporting.ts";
import type { Tracing } from "./observe/tracing.ts";
import { doubtLimits } from "./overload/limits.ts";
import { formatAddress, type ListenAddress } from "./proxy/listen/bind.ts";
import { type Listener, startHttpListener } from "./proxy/listen/http-listener.ts";
import { HTTP_DEFAULTS } from "./proxy/listen/http-server.ts";
import { startHttpsListener } from "./proxy/listen/https-listener.ts";
import { TLS_DEFAULTS } from "./proxy/listen/tls-servers.ts";
import type { SourceSettings } from "./source.ts";
import { impliedClassName, optionsOf, translateOptions } from "./translate-options.ts";

/** What an app is told at start. */
export type AppSettings = {
  readonly config: Config;
  /** Where the objects are that are served. */
  readonly source: SourceSettings;
  /** A certificate that was made for this run, for names without one of their own; null to go by the config alone. */
  readonly defaultPair: { readonly chain: string; readonly key: Secret } | null;
};

/** What an app uses of the world. */
export type AppPorts = {
  readonly log: OutputLog;
  readonly clock: Clock;
  readonly random: () => number;
  readonly machine: Machine;
  readonly tracing: Tracing;
};

/** Where an app listens. */
export type Addresses = {
  readonly http: readonly ListenAddress[];
  readonly https: readonly ListenAddress[];
  readonly admin: ListenAddress;
};

/** One running Fairlead. */
export type App = {
  /** Resolves when the first full table is in use and every address is open. Rejects, with a sentence for a person, when that cannot be. */
  readonly start: () => Promise<Addresses>;
  /** Not ready, a wait for the news to spread, no more connections, goodbye to each one. Resolves within the grace period. */
  readonly drain: () => Promise<void>;
  /** Cuts what is left and lets go of everything. */
  readonly stop: () => Promise<void>;
};

/** The close timeout of routes that name none: what is left beyond it is a window. */
const DEFAULT_CLOSE_MS = 5_000;

const NO_WINDOW =
  "--grace-period leaves no time to spread Close frames after --propagation-delay: a shutdown will close every socket at once";

/** Builds every part and joins them; nothing happens before `start`. */
export function createApp(settings: AppSettings, ports: AppPorts): App {
  const { config } = settings;
  const { log, clock, random, tracing } = ports;
  const startedMs = clock.monotonicMs();
  const instance = `${hostname().slice(0, 40)}-${Math.floor(random() * 2 ** 32).toString(36)}`;
  const meters = createMeters(clock);
  const { report, clientLog, ...reporting } = createReporting(ports, config.accessLog, meters.reported);
  const plane = createDataPlane({ ...ports, log: clientLog, config, instance, report, tallies: meters.tallies });
  const control = createControl({ ...controlSettings(settings), plane, meters, log, clock, random });
  let phase: Health["phase"] = "starting";
  let listeners: Listeners = { http: [], https: [] };
  const health = (): Health => ({
    phase,
    uptimeMs: clock.monotonicMs() - startedMs,
    connections: { ...connectionCounts(plane), handshaking: plane.inFlight().handshakes },
    table: tableHealth(control),
    overload: plane.overload.figures(),
    kinds: control.figures().kinds,
  });
  const metrics = measure({ meters, plane, control, tracing, log: reporting.figures, ready: () => phase === "ready" });
  const debug = debugOf(config, plane, control, ports);
  const admin = createAdminServer({ ...config.adminAddress, ...debug, log, clock, health, metrics });
  return {
    start: async () => {
      meters.start();
      const { port } = await admin.start();
      await control.start();
      listeners = await openListeners(config, plane, { clock, log: clientLog });
      phase = "ready";
      const addresses = addressesOf(listeners, { ...config.adminAddress, port });
      log.info({ ...describeAddresses(addresses), maxDrainMs: maxDrainMs(config) }, "ready");
      for (const doubt of doubtsOf(config, plane)) log.warn({}, doubt);
      return addresses;
    },
    drain: async () => {
      phase = "draining";
      await drainPlane({ config, plane, ports, listeners: [...listeners.http, ...listeners.https] });
    },
    stop: async () => {
      for (const listener of [...listeners.http, ...listeners.https]) {
        listener.stopAccepting();
        listener.cut();
      }
      await control.stop();
      plane.overload.stop();
      await plane.relay.stop();
      plane.agents.close();
      await admin.stop();
      await tracing.stop();
      meters.stop();
      reporting.flush();
    },
  };
}

function controlSettings({
  config,
  source,
  defaultPair,
}: AppSettings): Pick<ControlParts, "source" | "impliedClass" | "options"> {
  const impliedClass = { name: impliedClassName(config), controllerName: config.controllerName };
  return { source, impliedClass, options: optionsOf(source, translateOptions(config, defaultPair)) };
}

/** What /debug shows, and to whom. */
function debugOf(
  { adminTokenFile }: Config,
  plane: DataPlane,
  { problems }: Control,
  { log, clock }: AppPorts,
): Pick<AdminOptions, "debug" | "token"> {
  return {
    token: adminTokenFile === null ? null : createAdminToken(adminTokenFile),
    debug: { ...plane, problems, log, clock, turn: () => setImmediate() },
  };
}

/** What was told and will not come about, one sentence each. */
function doubtsOf(config: Config, plane: DataPlane): readonly string[] {
  const doubts = [
    maxDrainMs(config) <= DEFAULT_CLOSE_MS ? NO_WINDOW : null,
    doubtLimits(plane.overload.figures().limits),
  ];
  return doubts.filter((doubt) => doubt !== null);
}

type Listeners = { readonly http: readonly Listener[]; readonly https: readonly Listener[] };

async function openListeners(
  config: Config,
  plane: DataPlane,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): Promise<Listeners> {
  const settings = { ...HTTP_DEFAULTS, maxHeaderBytes: config.maxHeaderBytes };
  const tls = { ...TLS_DEFAULTS, ...(config.tlsCiphers === null ? {} : { ciphers: withTls13(config.tlsCiphers) }) };
  const ports = { log, clock, doorkeeper: plane.overload.doorkeeper };
  const open: Listener[] = [];
  try {
    const http = await openAll(config.httpAddresses, open, (address) =>
      startHttpListener(address, settings, plane.handlers, ports),
    );
    const https = await openAll(config.httpsAddresses, open, (address) =>
      startHttpsListener(address, { ...settings, tls, hostTls: plane.live.hostTls }, plane.handlers, ports),
    );
    return { http, https };
  } catch (error) {
    for (const listener of open) listener.stopAccepting();
    throw error;
  }
}

/** In turn, so that the first address that cannot be had is the one that is named. */
async function openAll(
  addresses: readonly ListenAddress[],
  open: Listener[],
  start: (address: ListenAddress) => Promise<Listener>,
): Promise<readonly Listener[]> {
  const opened: Listener[] = [];
  for (const address of addresses) {
    const listener = await start(address);
    opened.push(listener);
    open.push(listener);
  }
  return opened;
}

/** OpenSSL keeps the suites of TLS 1.3 in the same list; those are never narrowed. */
function withTls13(tls12: readonly string[]): string {
  const tls13 = TLS_DEFAULTS.ciphers.split(":").filter((name) => name.startsWith("TLS_"));
  return [...tls13, ...tls12].join(":");
}

function addressesOf({ http, https }: Listeners, admin: ListenAddress): Addresses {
  return { http: http.map(({ address }) => address), https: https.map(({ address }) => address), admin };
}

function describeAddresses({ http, https, admin }: Addresses): LogFields {
  return { http: http.map(formatAddress), https: https.map(formatAddress), admin: formatAddress(admin) };
}

function connectionCounts({ connections }: DataPlane): Pick<Health["connections"], "open" | "closing" | "total"> {
  const { open, closing, total } = connections.counts();
  return { open, closing, total };
}

function tableHealth(control: Control): Health["table"] {
  const { routes, problemsByReason, ageMs } = control.figures();
  return { routes, problems: problemsByReason.values().reduce((sum, count) => sum + count, 0), ageMs };
}
