import packageFile from "../../package.json" with { type: "json" };
import { type Addresses, type App, type AppSettings, createApp } from "../app.ts";
import { systemClock } from "../base/system-clock.ts";
import { createSystemMachine } from "../base/system-machine.ts";
import { readNodeOptions } from "../config/read-environment.ts";
import { createLog } from "../observe/log.ts";
import { noTracing, openTracing, type Tracing } from "../observe/tracing.ts";
import { fail } from "./complain.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";
import { listenForSignals, type Signals, untilSignalled } from "./until-signalled.ts";

const NOTHING_TO_RELOAD =
  "SIGHUP: there is nothing to reload; manifests and certificates are followed, and flags are read at the start alone";

/**
 * Starts an app, tells where it listens, and runs it until a signal has drained it. Resolves to the exit code: 0 after a
 * drain or a signal that came before the start was done, 1 when the start failed or a second signal cut the drain short.
 */
export async function runApp(
  settings: AppSettings,
  surroundings: Surroundings,
  started: (addresses: Addresses) => void,
): Promise<ExitCode> {
  const { config } = settings;
  const { write, unwritten, colour } = surroundings;
  const log = createLog({ ...config.log, destination: { write, unwritten }, colour });
  const clock = systemClock;
  let tracing: Tracing;
  try {
    tracing =
      config.tracing === null ? noTracing : await openTracing(config.tracing, packageFile.version, { log, clock });
  } catch (error) {
    return fail(error, surroundings);
  }
  const machine = createSystemMachine([...readNodeOptions(), ...process.execArgv]);
  const app = createApp(settings, { log, clock, random: Math.random, machine, tracing });
  const signals = listenForSignals(surroundings);
  // Without a listener it would end the process, and with it every socket.
  surroundings.onReload(() => log.info({}, NOTHING_TO_RELOAD));
  try {
    const addresses = await Promise.race([app.start(), signals.first]);
    // A start may wait for a cluster for as long as it takes; nobody is connected yet.
    if (addresses === undefined) return await abandon(app, signals);
    started(addresses);
  } catch (error) {
    const failed = fail(error, surroundings);
    await app.stop();
    signals.forget();
    return failed;
  }
  return await untilSignalled(app, signals);
}

async function abandon(app: App, signals: Signals): Promise<ExitCode> {
  await app.stop();
  signals.forget();
  return 0;
}
