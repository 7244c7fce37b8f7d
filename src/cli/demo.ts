import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../base/secret.ts";
import type { FlagTexts } from "../config/flags.ts";
import { type Config, readConfig } from "../config/read-config.ts";
import { complain, fail } from "./complain.ts";
import { parseEchoPorts } from "./echo-ports.ts";
import { EchoListenError, startEchoServer } from "./echo-server.ts";
import { nextSteps } from "./next-steps.ts";
import { prepareQuickstart } from "./quickstart.ts";
import { runApp } from "./run-app.ts";
import { makeSelfSigned } from "./self-signed.ts";
import type { Surroundings } from "./surroundings.ts";

/** What `serve` defaults to and a demonstration does better without. */
export const DEMO_DEFAULTS: FlagTexts = {
  httpAddress: ["127.0.0.1:8080"],
  httpsAddress: ["127.0.0.1:8443"],
  publicHttpsPort: "8443",
  adminAddress: "127.0.0.1:9090",
  propagationDelay: "0s",
  gracePeriod: "20s",
};

/**
 * `fairlead demo`: serves manifests/quickstart, or the directory that --manifests names, with two echo servers behind it
 * and a certificate made at start. Resolves to the exit code.
 */
export async function runDemo(texts: FlagTexts, surroundings: Surroundings): Promise<number> {
  const read = readConfig({ ...DEMO_DEFAULTS, ...texts }, surroundings.terminal);
  const ports = parseEchoPorts(String(texts["echoPorts"]));
  const errors = [...(read.ok ? [] : read.errors), ...(ports.ok ? [] : [`--echo-ports: expected ${ports.expected}`])];
  if (!read.ok || !ports.ok) return complain(errors, surroundings);
  await using leftovers = new AsyncDisposableStack();
  try {
    await startEchoes(ports.value, leftovers);
    return await serveQuickstart(read.config, ports.value, { surroundings, leftovers });
  } catch (error) {
    return fail(error, surroundings);
  }
}

async function startEchoes(ports: readonly [number, number], leftovers: AsyncDisposableStack): Promise<void> {
  for (const [index, name] of ["echo-a", "echo-b"].entries()) {
    const echo = await startEchoServer({ name, host: "127.0.0.1", port: ports[index] ?? 0 }).catch(pointToFlag);
    leftovers.defer(echo.close);
  }
}

function pointToFlag(error: unknown): never {
  if (!(error instanceof EchoListenError)) throw error;
  throw new Error(`${error.message}; --echo-ports A,B names two others`, { cause: error });
}

type Stage = { readonly surroundings: Surroundings; readonly leftovers: AsyncDisposableStack };

async function serveQuickstart(
  config: Config,
  ports: readonly [number, number],
  { surroundings, leftovers }: Stage,
): Promise<number> {
  const quickstart = await prepareQuickstart(ports);
  leftovers.defer(quickstart.remove);
  const pair = await makeSelfSigned(["localhost", "127.0.0.1", "::1"]);
  const certificate = await writeCertificate(pair.chain, leftovers);
  const manifests = config.manifests ?? quickstart.path;
  const defaultPair = { chain: pair.chain, key: new Secret(pair.key) };
  return await runApp({ config, manifests, defaultPair }, surroundings, (addresses) => {
    surroundings.write(nextSteps({ addresses, manifests, certificate, colour: surroundings.colour }));
  });
}

/** So that clients can be told to trust it; the key stays in memory. */
async function writeCertificate(chain: string, leftovers: AsyncDisposableStack): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "fairlead-demo-"));
  leftovers.defer(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "certificate.pem");
  await writeFile(path, chain);
  return path;
}
