import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import { type Manifest, manifestText, tlsSecret } from "../harness/manifests.ts";

/** `fairlead serve` in a process of its own, as it is looked at from outside. */
export type FairleadProcess = AsyncDisposable & {
  readonly pid: number;
  readonly ports: { readonly http: number; readonly https: number; readonly admin: number };
  /** Null while it runs, else how it ended. */
  readonly ended: () => string | null;
  readonly residentBytes: () => number;
  readonly descriptors: () => number;
  /** User and system time since its start. */
  readonly cpuMs: () => number;
  /** The JSON of /healthz; throws when it is not answered 200 within 10 s. */
  readonly health: () => Promise<Health>;
  /** The value of one line of /metrics; 0 when it is not there. */
  readonly metric: (line: string) => Promise<number>;
  readonly refused: (failure: string) => Promise<number>;
};

/** What is used of /healthz. */
export type Health = {
  readonly phase: string;
  readonly connections: { readonly open: number; readonly handshaking: number };
  readonly memory: {
    readonly level: string;
    readonly uses: readonly { readonly source: string; readonly usedBytes: number; readonly limitBytes: number }[];
  };
  readonly limits: Readonly<Record<string, { readonly used: number; readonly limit: number }>>;
};

/** How the process is started. */
export type FairleadOptions = {
  readonly manifests: readonly Manifest[];
  readonly flags?: readonly string[];
  /** Of Node, such as --max-old-space-size. */
  readonly nodeFlags?: readonly string[];
  /** What stands in front of the command, such as prlimit; it must become the process itself. */
  readonly through?: readonly string[];
  readonly host?: string;
};

const ROOT = join(import.meta.dirname, "../..");
const READY_MS = 60_000;

/** Serves manifests on ports that the system chooses, with a certificate for every server name. Resolves when it is ready. */
export async function startFairlead(options: FairleadOptions): Promise<FairleadProcess> {
  const directory = await mkdtemp(join(tmpdir(), "fairlead-hardening-"));
  const certificate = tlsSecret("certificate", await makeSelfSigned(["localhost"]));
  await writeFile(join(directory, "all.json"), manifestText(certificate, ...options.manifests));
  const { host = "127.0.0.1", through = [], nodeFlags = [], flags = [] } = options;
  const addresses = ["--http-address", `${host}:0`, "--https-address", `${host}:0`, "--admin-address", "127.0.0.1:0"];
  const serve = ["serve", "--manifests", directory, "--log-format", "json", "--access-log", "off", ...addresses];
  const more = ["--default-certificate", "default/certificate", "--grace-period", "4s", "--propagation-delay", "0s"];
  const node = [process.execPath, "--disable-proto=delete", ...nodeFlags, "src/main.ts", ...serve, ...more, ...flags];
  const [program = "", ...words] = [...through, ...node];
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(program, words, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  const ports = await readPorts(child);
  const pid = child.pid ?? 0;
  const page = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${ports.admin}${path}`, {
      signal: AbortSignal.timeout(10_000),
      headers: { connection: "close" },
    });
  const metric = async (line: string): Promise<number> => {
    const found = (await (await page("/metrics")).text()).split("\n").find((each) => each.startsWith(`${line} `));
    return Number(found?.slice(line.length + 1) ?? 0);
  };
  return {
    pid,
    ports,
    ended: () =>
      child.exitCode === null && child.signalCode === null ? null : String(child.signalCode ?? child.exitCode),
    residentBytes: () => Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024,
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    cpuMs: () => cpuMsOf(pid),
    health: async () => {
      const response = await page("/healthz");
      if (response.status !== 200) throw new Error(`/healthz answers ${response.status}`);
      return (await response.json()) as Health;
    },
    metric,
    refused: (failure) => metric(`fairlead_requests_refused_total{failure="${failure}"}`),
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, "close");
      if (child.kill("SIGKILL")) await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function readPorts(child: ChildProcess): Promise<FairleadProcess["ports"]> {
  let written = "";
  const { promise, resolve, reject } = Promise.withResolvers<FairleadProcess["ports"]>();
  const fail = (why: string): void =>
    reject(new Error(`Fairlead is not ready: ${why}; it wrote:\n${written.slice(-4_000)}`));
  const timer = setTimeout(() => fail(`not within ${READY_MS} ms`), READY_MS);
  child.once("error", (error) => fail(error.message));
  child.once("close", () => fail("it has ended"));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    written += text;
  });
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    // Only the start is of interest, and a flood writes for as long as it lasts.
    if (written.length < 64_000) written += text;
    const ready = written.split("\n").find((line) => line.includes('"msg":"ready"'));
    if (ready !== undefined) resolve(portsOf(JSON.parse(ready) as Record<string, unknown>));
  });
  try {
    return await promise;
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function portsOf(ready: Readonly<Record<string, unknown>>): FairleadProcess["ports"] {
  const port = (value: unknown): number => Number(String([value].flat()[0]).split(":").at(-1));
  return { http: port(ready["http"]), https: port(ready["https"]), admin: port(ready["admin"]) };
}

/** A tick of /proc/PID/stat is 10 ms on every Linux that Node runs on. */
function cpuMsOf(pid: number): number {
  const line = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
