import type { WatchedKind } from "../api/kinds.ts";

/** The objects of one kind, of one namespace or, for null, of the cluster. */
export type Resource = { readonly row: WatchedKind; readonly namespace: string | null };

/** The path of a collection (https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology). */
export function pathOf({ row, namespace }: Resource, version: string): string {
  const root = row.group === "" ? `/api/${version}` : `/apis/${row.group}/${version}`;
  return namespace === null ? `${root}/${row.plural}` : `${root}/namespaces/${namespace}/${row.plural}`;
}

/** The rule that RBAC lacks, for people. */
export function explainForbidden({ row, namespace }: Resource, verbs: string): string {
  const scope = namespace === null ? "in a ClusterRole" : `in a Role of namespace ${namespace}`;
  return `RBAC does not permit to read it: grant ${verbs} on ${resourceName(row)} ${scope}`;
}

/** Why a kind is not known, for people. */
export function explainAbsent({ row }: Resource): string {
  const what = row.group.includes(".k8s.io") || row.group === "" ? "The API" : "The CustomResourceDefinition";
  return `${what} ${resourceName(row)} is not installed; it is looked for again and again`;
}

/** The name that CustomResourceDefinitions and `kubectl api-resources` know it by. */
function resourceName({ plural, group }: WatchedKind): string {
  return group === "" ? plural : `${plural}.${group}`;
}
