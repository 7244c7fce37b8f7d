import type { ReferenceGrant } from "../api/core.ts";

/** Who refers, and to what, across namespaces. */
export type CrossReference = {
  readonly from: { readonly group: string; readonly kind: string; readonly namespace: string };
  readonly to: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string };
};

/** Says whether the target's namespace permits a reference; references within one namespace need no permission. */
export type Grants = (reference: CrossReference) => boolean;

/** Reads ReferenceGrants: each permits every `from` of it every `to` of it, in its own namespace. */
export function readGrants(grants: readonly ReferenceGrant[]): Grants {
  const byNamespace = Map.groupBy(grants, (grant) => grant.metadata.namespace ?? "");
  return (reference) =>
    reference.from.namespace === reference.to.namespace ||
    (byNamespace.get(reference.to.namespace) ?? []).some((grant) => permits(grant, reference));
}

function permits(grant: ReferenceGrant, { from, to }: CrossReference): boolean {
  return (
    grant.spec.from.some(
      (each) => each.group === from.group && each.kind === from.kind && each.namespace === from.namespace,
    ) &&
    grant.spec.to.some(
      (each) =>
        each.group === to.group &&
        each.kind === to.kind &&
        (each.name === undefined || each.name === "" || each.name === to.name),
    )
  );
}
