import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Machine } from "../../src/base/machine.ts";
import type { Log } from "../../src/base/ports.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { systemMachine } from "../../src/base/system-machine.ts";
import { noTracer } from "../../src/base/tracing.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { createControl } from "../../src/control.ts";
import { createDataPlane } from "../../src/data-plane.ts";
import { createMeters } from "../../src/observe/meters.ts";
import type { LiveTable } from "../../src/proxy/listen/live-table.ts";
import { type Application, makeApplication } from "./make-objects.ts";
import { OPTIONS } from "./options.ts";

/** A directory with one file for each application, and the control plane that serves it, without a listener. */
export type ServedDirectory = {
  readonly live: LiveTable;
  readonly start: () => Promise<void>;
  /** Replaces an application's file at once, as an editor does. */
  readonly write: (index: number, application: Application) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Writes the files; nothing is read before `start`. */
export async function serveDirectory(count: number): Promise<ServedDirectory> {
  const root = await mkdtemp(join(tmpdir(), "fairlead-bench-"));
  const write = async (index: number, { route, service, slice }: Application): Promise<void> => {
    const path = join(root, `app-${index}.yaml`);
    await writeFile(
      `${path}.new`,
      [service, route, slice].map((each) => JSON.stringify(each, null, 1)).join("\n---\n"),
    );
    await rename(`${path}.new`, path);
  };
  for (let index = 0; index < count; index += 1) await write(index, makeApplication(index));
  const meters = createMeters(systemClock);
  const reports = { report: meters.reported, tallies: meters.tallies };
  const plane = createDataPlane({
    ...ports(),
    ...reports,
    config: defaultConfig(),
    instance: "bench",
    tracing: { tracer: noTracer },
  });
  const joined = { plane, meters, ...ports() };
  const control = createControl({
    ...joined,
    source: { type: "directory", path: root },
    impliedClass: { name: "fairlead", controllerName: OPTIONS.classes.controllerName },
    options: OPTIONS,
  });
  return {
    live: plane.live,
    write,
    start: control.start,
    stop: async () => {
      await control.stop();
      plane.overload.stop();
      await rm(root, { recursive: true });
    },
  };
}

function defaultConfig(): Parameters<typeof createDataPlane>[0]["config"] {
  const read = readConfig({}, false);
  if (!read.ok) throw new Error(read.errors.join("\n"));
  return read.config;
}

type Ports = {
  readonly log: Log;
  readonly clock: typeof systemClock;
  readonly machine: Machine;
  readonly random: () => number;
};

function ports(): Ports {
  const ignore = (): void => undefined;
  const fail: Log["error"] = (fields, message) => {
    throw new Error(`${message} ${JSON.stringify(fields)}`);
  };
  const log = { debug: ignore, info: ignore, warn: fail, error: fail };
  return { log, clock: systemClock, machine: systemMachine, random: Math.random };
}
