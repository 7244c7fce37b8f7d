import { delimiter } from "node:path";
import { env } from "node:process";

/** Whether to colour: NO_COLOR (any value but empty) says no, FORCE_COLOR yes, and otherwise a terminal that is not dumb does. */
export function readColourWish(terminal: boolean): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"] ?? "";
  return forced === "" ? terminal && env["TERM"] !== "dumb" : forced !== "0";
}

/** The flags that NODE_OPTIONS holds, as far as they have no spaces in them. */
export function readNodeOptions(): readonly string[] {
  return (env["NODE_OPTIONS"] ?? "").split(" ").filter((flag) => flag !== "");
}

/** Where a cluster can be found by the environment alone. */
export type ClusterEnvironment = {
  /** The files of KUBECONFIG. */
  readonly environmentFiles: readonly string[];
  /** The API server as the kubelet tells every pod; null outside. */
  readonly service: { readonly host: string; readonly port: string } | null;
  readonly home: string | null;
};

/** Reads KUBECONFIG, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT and HOME. */
export function readClusterEnvironment(): ClusterEnvironment {
  const [host = "", port = ""] = [env["KUBERNETES_SERVICE_HOST"], env["KUBERNETES_SERVICE_PORT"]];
  return {
    environmentFiles: (env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== ""),
    service: host === "" || port === "" ? null : { host, port },
    home: env["HOME"] ?? null,
  };
}
