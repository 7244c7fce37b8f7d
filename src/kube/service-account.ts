import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import type { Clock } from "../base/ports.ts";
import { ApiFailure } from "./api-failure.ts";
import type { Connection, Credentials } from "./connection.ts";
import { keepFresh } from "./keep-fresh.ts";

/** Where every pod finds its ServiceAccount (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/). */
export const SERVICE_ACCOUNT_ROOT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What a pod knows of its cluster. */
export type ServiceAccount = {
  readonly host: string;
  readonly port: string;
  /** The directory with ca.crt and token. */
  readonly root: string;
};

/** The kubelet replaces a token long before it ends; a token that ended early is read again at once, after a 401. */
const MAX_AGE_MS = 60_000;

/** The connection of a pod: its own token, read again when it rotates, and the cluster's CA alone. */
export function connectServiceAccount({ host, port, root }: ServiceAccount, clock: Clock): Connection {
  const fresh = keepFresh(clock, MAX_AGE_MS, () => readAccount(root));
  const server = new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`);
  return { server, isVerified: true, credentials: fresh.get, refresh: fresh.forget };
}

async function readAccount(root: string): Promise<Credentials> {
  const [ca, token] = await Promise.all([readPart(root, "ca.crt"), readPart(root, "token")]);
  return { ca, headers: { authorization: `Bearer ${token.trim()}` } };
}

async function readPart(root: string, name: string): Promise<string> {
  try {
    return await readFile(join(root, name), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new ApiFailure("unauthorized", `${join(root, name)} cannot be read (${code})`);
  }
}
