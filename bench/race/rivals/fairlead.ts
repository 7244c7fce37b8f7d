import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../processes.ts";
import { HOST, type Rival } from "./rival.ts";

const REPOSITORY = join(import.meta.dirname, "../../..");

/** How Fairlead's process is started beside what package.json says: for profiles, which cost time themselves. */
export type FairleadOptions = {
  /** Where the process writes a CPU profile when it ends; null writes none. */
  readonly profileDirectory: string | null;
};

/**
 * `fairlead serve` as it is run in production: one process, the Node flags of package.json, every default of its flags,
 * access log as JSON to /dev/null, frames followed and limits on, but for that of handshakes a second, which is there to be
 * measured.
 */
export function fairlead(options: FairleadOptions): Rival {
  return {
    name: "Fairlead",
    find: () => process.execPath,
    versionWords: ["--version"],
    prepare: async (program, { directory, plainPort, tlsPort, backendPort, certificate }) => {
      const manifests = join(directory, "manifests");
      await mkdir(manifests);
      await writeFile(join(manifests, "route.yaml"), routeOf(backendPort));
      await writeFile(join(manifests, "certificate.json"), await secretOf(certificate));
      const profile =
        options.profileDirectory === null ? [] : ["--cpu-prof", "--cpu-prof-dir", options.profileDirectory];
      const addresses = {
        "http-address": plainPort,
        "https-address": tlsPort,
        "admin-address": await freePort(),
      };
      const flags = Object.entries(addresses).flatMap(([name, port]) => [`--${name}`, `127.0.0.1:${port}`]);
      const drain = ["--propagation-delay", "0s", "--grace-period", "3s"];
      const main = join(REPOSITORY, "src/main.ts");
      // The one limit that a benchmark of handshakes is there to exceed.
      const unlimited = ["--max-handshakes-per-second", "0"];
      const serve = ["serve", "--manifests", manifests, ...flags, ...drain, ...unlimited];
      return { program, words: [...(await productionFlags()), ...profile, main, ...serve] };
    },
  };
}

/** The flags of Node in the script that starts Fairlead. */
async function productionFlags(): Promise<readonly string[]> {
  const text = await readFile(join(REPOSITORY, "package.json"), "utf8");
  const { scripts } = JSON.parse(text) as { readonly scripts: Readonly<Record<string, string>> };
  return (scripts["fairlead"] ?? "").split(" ").filter((word) => word.startsWith("--"));
}

function routeOf(backendPort: number): string {
  return `
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: echo }
spec:
  hostnames: [${HOST}]
  tls: { certificateRefs: [{ name: certificate }] }
  rules:
    - name: echo
      matches: [{ path: { type: PathPrefix, value: / } }]
      backendRefs: [{ name: echo, port: 80 }]
---
apiVersion: v1
kind: Service
metadata:
  name: echo
  annotations: { fairlead.dev/standalone-endpoints: "127.0.0.1:${backendPort}" }
spec:
  ports: [{ port: 80 }]
`;
}

async function secretOf({ chain, key }: { readonly chain: string; readonly key: string }): Promise<string> {
  const read = async (path: string): Promise<string> => (await readFile(path)).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "certificate" },
    type: "kubernetes.io/tls",
    data: { "tls.crt": await read(chain), "tls.key": await read(key) },
  });
}
