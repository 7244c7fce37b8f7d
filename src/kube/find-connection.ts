import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/ports.ts";
import { type Connection, ConnectionError } from "./connection.ts";
import { connectKubeconfig } from "./kubeconfig.ts";
import { connectServiceAccount, SERVICE_ACCOUNT_ROOT } from "./service-account.ts";

/** Where to look for a cluster. */
export type ClusterHints = {
  /** The file of --kubeconfig. */
  readonly kubeconfig: string | null;
  readonly context: string | null;
  /** The files of KUBECONFIG. */
  readonly environmentFiles: readonly string[];
  /** The API server's address as a pod finds it in its environment. */
  readonly service: { readonly host: string; readonly port: string } | null;
  readonly home: string | null;
};

/**
 * The first of: the file of --kubeconfig, those of KUBECONFIG, the ServiceAccount of a pod, ~/.kube/config. A context can
 * only be of a kubeconfig. Throws ConnectionError if there is none.
 */
export async function findConnection(hints: ClusterHints, clock: Clock): Promise<Connection> {
  const { kubeconfig, context, environmentFiles, service, home } = hints;
  if (kubeconfig !== null) return await connectKubeconfig([kubeconfig], context, clock);
  if (environmentFiles.length > 0) return await connectKubeconfig(environmentFiles, context, clock);
  if (service !== null && context === null) {
    return connectServiceAccount({ ...service, root: SERVICE_ACCOUNT_ROOT }, clock);
  }
  const file = home === null ? null : join(home, ".kube", "config");
  if (file !== null && (await exists(file))) return await connectKubeconfig([file], context, clock);
  throw new ConnectionError(
    "no cluster is known here: --kubeconfig names a kubeconfig, --manifests a directory to serve instead; in a pod, give it a ServiceAccount token (automountServiceAccountToken)",
  );
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
