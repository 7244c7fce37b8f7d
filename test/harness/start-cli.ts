import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { exposePages } from "./expose-pages.ts";
import { collectLog, type LogCollector } from "./log-collector.ts";
import { expose } from "./sentinels.ts";

/** How a process ended: by its exit code, or by a signal. */
export type ProcessEnd = { readonly code: number | null; readonly signal: string | null; readonly atMs: number };

/** The command line as a process of its own. */
export type CliProcess = {
  /** What it wrote to standard output. */
  readonly out: LogCollector;
  /** What it wrote to standard error. */
  readonly errors: () => string;
  /** Whoever reads standard output leaves. */
  readonly stopReading: () => void;
  readonly signal: (name: "SIGTERM" | "SIGINT" | "SIGUSR1" | "SIGHUP") => void;
  readonly exited: Promise<ProcessEnd>;
};

/** The folder of the project, in which every command runs. */
export const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs `fairlead <words>` on the Node that runs the test; killed after the test if it has not ended. */
export function startCli(words: readonly string[], environment: NodeJS.ProcessEnv = {}): CliProcess {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--disable-proto=delete", "src/main.ts", ...words], {
    cwd: PROJECT_ROOT,
    env: { ...inherited, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out = collectLog();
  let errors = "";
  const exposed = expose("standard error");
  child.stdout.setEncoding("utf8").on("data", out.write);
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    exposed.add(text);
    errors += text;
  });
  const { promise: exited, resolve } = Promise.withResolvers<ProcessEnd>();
  // 'close' comes after the last byte of its output, 'exit' may not.
  let atMs = 0;
  child.once("exit", () => {
    atMs = Date.now();
  });
  child.once("close", (code, signal) => {
    out.end(`before the process ended (${signal ?? code}; ${errors})`);
    resolve({ code, signal, atMs });
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const stopReading = (): void => void child.stdout.destroy();
  return { out, errors: () => errors, stopReading, signal: (name) => void child.kill(name), exited };
}

/** `fairlead serve` with its ports. */
export type CliServer = CliProcess & { readonly ports: Readonly<Record<"http" | "https" | "admin", number>> };

/** Serves a directory on ports that the system chooses; resolves when it is ready. */
export async function serveByCli(
  manifests: string,
  flags: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<CliServer> {
  const addresses = [
    "--http-address",
    "127.0.0.1:0",
    "--https-address",
    "127.0.0.1:0",
    "--admin-address",
    "127.0.0.1:0",
  ];
  const words = ["serve", "--manifests", manifests, "--log-format", "json", ...addresses, ...flags];
  const cli = startCli(words, environment);
  const ready = await cli.out.lineWhere((line) => line["msg"] === "ready", 15_000);
  const ports = { http: portOf(ready["http"]), https: portOf(ready["https"]), admin: portOf(ready["admin"]) };
  onTestFinished(() => exposePages(ports.admin));
  return { ...cli, ports };
}

function portOf(addresses: unknown): number {
  return Number(String([addresses].flat()[0]).split(":").at(-1));
}
