import type { RequestOptions } from "node:https";
import { isIP } from "node:net";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Clock } from "../base/ports.ts";
import { ApiFailure } from "./api-failure.ts";
import { type Connection, ConnectionError, type Credentials } from "./connection.ts";
import { keepFresh } from "./keep-fresh.ts";

/** Tokens of files and credential plugins may change between two requests; to read them for each would be too often. */
const MAX_AGE_MS = 10_000;

/**
 * The connection that kubeconfig files describe: the context of that name, or the current one. Several files are merged.
 * Throws ConnectionError; its message quotes nothing of the files, which hold credentials.
 */
export async function connectKubeconfig(
  files: readonly string[],
  context: string | null,
  clock: Clock,
): Promise<Connection> {
  let loaded = await load(files, context);
  let isForgotten = false;
  const server = serverOf(loaded, files);
  const fresh = keepFresh(clock, MAX_AGE_MS, async () => {
    if (server.protocol === "http:") return { headers: {} };
    return await readCredentials(loaded);
  });
  const reloaded = async (): Promise<Credentials> => {
    if (isForgotten) loaded = await load(files, context).catch(unreadable);
    isForgotten = false;
    return await fresh.get();
  };
  return {
    server,
    isVerified: loaded.getCurrentCluster()?.skipTLSVerify !== true,
    credentials: reloaded,
    refresh: () => {
      isForgotten = true;
      fresh.forget();
    },
  };
}

function unreadable(error: unknown): never {
  throw new ApiFailure(
    "unauthorized",
    error instanceof ConnectionError ? error.message : "the kubeconfig is unreadable",
  );
}

/** The package costs 85 MiB and a second to load: a pod, which has a ServiceAccount, never does. */
async function load(files: readonly string[], context: string | null): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import("@kubernetes/client-node");
  const whole = new Config();
  for (const [index, file] of files.entries()) {
    const part = new Config();
    try {
      part.loadFromFile(file);
      if (index === 0) whole.loadFromOptions(part);
      else whole.mergeConfig(part, true);
    } catch (error) {
      throw new ConnectionError(`${file} cannot be read as a kubeconfig${codeOf(error)}`);
    }
  }
  if (context !== null) whole.setCurrentContext(context);
  return whole;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
}

function serverOf(config: KubeConfig, files: readonly string[]): URL {
  // A kubeconfig need not name one, whatever the package's types say.
  const name = (config.getCurrentContext() as string | undefined) ?? "";
  const where = files.join(", ");
  if (name === "") throw new ConnectionError(`${where}: no current-context, and no --context`);
  const cluster = config.getContextObject(name) === null ? null : config.getCurrentCluster();
  if (cluster === null) {
    const known = config.getContexts().map((each) => each.name);
    throw new ConnectionError(
      `--context ${JSON.stringify(name)}: expected a context of ${where} with a cluster: ${known.slice(0, 20).join(", ")}`,
    );
  }
  const server = URL.parse(cluster.server);
  if (server !== null && isSafe(server)) return server;
  throw new ConnectionError(
    `${where}: the server of context ${JSON.stringify(name)}: expected an https URL, or http on a loopback address`,
  );
}

function isSafe({ protocol, hostname }: URL): boolean {
  if (protocol !== "http:") return protocol === "https:";
  return hostname === "localhost" || hostname === "[::1]" || (isIP(hostname) === 4 && hostname.startsWith("127."));
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
  } catch {
    // What a credential plugin or a parser says may quote the credential.
    throw new ApiFailure(
      "unauthorized",
      "the credentials of the kubeconfig cannot be had (file missing, or plugin failed)",
    );
  }
  const { ca, cert, key, passphrase, servername, rejectUnauthorized, auth, headers, agent } = options;
  const all = { ca, cert, key, passphrase, servername, rejectUnauthorized, auth };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== null));
  const isProxied = (config.getCurrentCluster()?.proxyUrl ?? "") !== "";
  return { ...given, ...(isProxied ? { agent } : {}), headers: textFields(headers) };
}

function textFields(headers: RequestOptions["headers"]): Readonly<Record<string, string>> {
  const fields = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(fields);
}
