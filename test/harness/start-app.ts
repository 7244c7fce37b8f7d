import { onTestFinished } from "vitest";
import { type App, createApp } from "../../src/app.ts";
import type { Machine } from "../../src/base/machine.ts";
import type { Clock } from "../../src/base/ports.ts";
import { Secret } from "../../src/base/secret.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { systemMachine } from "../../src/base/system-machine.ts";
import type { PemPair } from "../../src/cli/self-signed.ts";
import type { FlagTexts } from "../../src/config/flags.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { createLog } from "../../src/observe/log.ts";
import { noTracing, openTracing } from "../../src/observe/tracing.ts";
import type { SourceSettings } from "../../src/source.ts";
import { createManifestDirectory, type ManifestDirectory } from "../files/manifest-directory.ts";
import { exposePages } from "./expose-pages.ts";
import { collectLog, type LogCollector, type LogLine } from "./log-collector.ts";
import { keepSecret } from "./sentinels.ts";

/** A whole Fairlead in this process, serving a directory of its own on ports of its own. */
export type RunningApp = {
  readonly ports: { readonly http: number; readonly https: number; readonly admin: number };
  readonly directory: ManifestDirectory;
  readonly log: LogCollector;
  /** Makes a change, and resolves when tables with it are in use. */
  readonly swap: (change: () => Promise<void>) => Promise<void>;
  readonly drain: App["drain"];
};

/** What a test may choose. */
export type AppChoices = {
  /** Texts of files, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly flags?: FlagTexts;
  /** A certificate for names without one of their own. */
  readonly defaultPair?: PemPair;
  readonly clock?: Clock;
  readonly machine?: Machine;
  readonly directory?: ManifestDirectory;
  /** Instead of the directory. */
  readonly source?: SourceSettings;
};

const FLAGS: FlagTexts = {
  httpAddress: ["127.0.0.1:0"],
  httpsAddress: ["127.0.0.1:0"],
  adminAddress: "127.0.0.1:0",
  logFormat: "json",
  logLevel: "debug",
};

/** Starts an app, and stops it after the test. */
export async function startApp(choices: AppChoices): Promise<RunningApp> {
  const directory = choices.directory ?? (await createManifestDirectory());
  await directory.write(choices.files);
  const log = collectLog();
  const read = readConfig({ ...FLAGS, ...choices.flags }, false);
  if (!read.ok) throw new Error(read.errors.join("\n"));
  const { config } = read;
  const { defaultPair: pair, clock, machine } = { clock: systemClock, machine: systemMachine, ...choices };
  if (pair !== undefined) keepSecret(pair.key);
  const defaultPair = pair === undefined ? null : { chain: pair.chain, key: new Secret(pair.key) };
  const written = createLog({ ...config.log, destination: log, colour: false });
  const tracing =
    config.tracing === null ? noTracing : await openTracing(config.tracing, "0.0.0", { log: written, clock });
  const app = createApp(
    { config, source: sourceOf(choices, directory), defaultPair },
    {
      clock,
      machine,
      tracing,
      random: Math.random,
      log: written,
    },
  );
  onTestFinished(app.stop);
  const { http, https, admin } = await app.start();
  // Called before the one above.
  onTestFinished(() => exposePages(admin.port));
  return {
    ports: { http: http[0]?.port ?? 0, https: https[0]?.port ?? 0, admin: admin.port },
    directory,
    log,
    swap: async (change) => {
      const before = log.lines().length;
      let seen = 0;
      await change();
      await log.lineWhere((line) => {
        seen += 1;
        return seen > before && isSwap(line);
      });
    },
    drain: app.drain,
  };
}

function sourceOf({ source }: AppChoices, { root }: ManifestDirectory): SourceSettings {
  return source ?? { type: "directory", path: root };
}

/** True for the line that says that new tables are in use. */
export function isSwap(line: LogLine): boolean {
  return line["msg"] === "tables are in use";
}
