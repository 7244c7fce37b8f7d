import { KINDS, type WatchedKind } from "../../src/api/kinds.ts";
import { code, origin, writePage, writeTable } from "./markdown.ts";

/** docs/reference/permissions.md: what RBAC has to grant, and nothing more. */
export function writePermissions(): string {
  return writePage([
    origin("src/api/kinds.ts"),
    "# Permissions",
    "What `fairlead serve` asks a cluster for. It writes nothing. A kind that it may not read, or that is not installed, is named with the rule that is missing at `/readyz`, in the log and in `fairlead_kube_watch_state`; the rest goes on.",
    writeTable(
      ["Kind", "API group", "Verbs", "Without it"],
      KINDS.map((row) => [code(row.kind), code(row.group), verbsOf(row).map(code).join(" "), MISSED[row.kind]]),
    ),
    "Secrets are never listed or watched: only those that a route of a class of this installation names, and may name, are read, by name.",
    "## The whole cluster",
    "Bind this to the ServiceAccount with a ClusterRoleBinding.",
    writeRole("ClusterRole", KINDS),
    "## Some namespaces",
    "With `--watch-namespace`, in each of these namespaces, bound with a RoleBinding there. What is in no namespace is not read.",
    writeRole(
      "Role",
      KINDS.filter(({ namespaced }) => namespaced),
    ),
  ]);
}

const MISSED: Readonly<Record<(typeof KINDS)[number]["kind"], string>> = {
  WebSocketRoute: "only Ingresses are served",
  Ingress: "only WebSocketRoutes are served",
  IngressClass: "never ready, unless `--watch-namespace` is given",
  Service: "never ready",
  EndpointSlice: "never ready",
  Secret: "TLS hosts are refused",
  ReferenceGrant: "references into other namespaces are refused",
};

function verbsOf({ access }: WatchedKind): readonly string[] {
  return access === "get" ? ["get"] : ["list", "watch"];
}

function writeRole(kind: "ClusterRole" | "Role", rows: readonly WatchedKind[]): string {
  const rules = rows.map((row) => {
    const verbs = verbsOf(row).join(", ");
    return `- { apiGroups: ["${row.group}"], resources: ["${row.plural}"], verbs: [${verbs}] }`;
  });
  return [
    "```yaml",
    "apiVersion: rbac.authorization.k8s.io/v1",
    `kind: ${kind}`,
    "metadata: { name: fairlead }",
    "rules:",
    ...rules,
    "```",
  ].join("\n");
}
