import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodedError } from "../base/error-codes.ts";
import { Secret } from "../base/secret.ts";
import { type Config, readConfig } from "../config/read-config.ts";
import type { Invocation } from "./command.ts";
import { fail, mistakesOf, UsageError } from "./complain.ts";
import { parseEchoPorts } from "./echo-ports.ts";
import { EchoListenError, startEchoServer } from "./echo-server.ts";
import type { ExitCode } from "./exit-codes.ts";
import { nextSteps } from "./next-steps.ts";
import { prepareQuickstart } from "./quickstart.ts";
import { runApp } from "./run-app.ts";
import { makeSelfSigned } from "./self-signed.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * `fairlead demo`: serves manifests/quickstart, or the directory that --manifests names, with two echo servers behind it
 * and a certificate made at start. Resolves to the exit code.
 */
export async function runDemo({ flags }: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const read = readConfig(flags, surroundings.terminal);
  const ports = parseEchoPorts(String(flags["echoPorts"]));
  const errors = [...(read.ok ? [] : read.errors), ...(ports.ok ? [] : [`--echo-ports: expected ${ports.expected}`])];
  if (!read.ok || !ports.ok) throw new UsageError(mistakesOf("InvalidArgument", errors));
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
  throw new CodedError(error.code, `${error.message}; --echo-ports A,B names two others`, { cause: error });
}

type Stage = { readonly surroundings: Surroundings; readonly leftovers: AsyncDisposableStack };

async function serveQuickstart(
  config: Config,
  ports: readonly [number, number],
  { surroundings, leftovers }: Stage,
): Promise<ExitCode> {
  const quickstart = await prepareQuickstart(ports);
  leftovers.defer(quickstart.remove);
  const pair = await makeSelfSigned(["localhost", "127.0.0.1", "::1"]);
  const certificate = await writeCertificate(pair.chain, leftovers);
  const manifests = config.manifests ?? quickstart.path;
  const defaultPair = { chain: pair.chain, key: new Secret(pair.key) };
  return await runApp(
    { config, source: { type: "directory", path: manifests }, defaultPair },
    surroundings,
    (addresses) => {
      surroundings.write(nextSteps({ addresses, manifests, certificate, colour: surroundings.colour }));
    },
  );
}

/** So that clients can be told to trust it; the key stays in memory. */
async function writeCertificate(chain: string, leftovers: AsyncDisposableStack): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "fairlead-demo-"));
  leftovers.defer(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "certificate.pem");
  await writeFile(path, chain);
  return path;
}
