import type { KubernetesSecret } from "../api/core.ts";
import type { Problem, Reason } from "../base/problem.ts";
import { show } from "./findings.ts";
import { keyOf, type Lookup } from "./lookup.ts";
import type { Reference, Source } from "./source.ts";

/** What a reference leads to, or why it may not be followed. */
export type Resolved<Kind> =
  | { readonly ok: true; readonly found: Kind; readonly namespace: string }
  | ({ readonly ok: false; readonly reason: Reason; readonly message: string } & Pick<Problem, "absent">);

/** Why a reference may not be followed, as a finding says it. */
export function faultOf(resolved: Resolved<unknown> & { ok: false }): Pick<Problem, "reason" | "message" | "absent"> {
  const { reason, message, absent } = resolved;
  return { reason, message, ...(absent === undefined ? {} : { absent }) };
}

/** Follows a reference of an object to a core kind, if its kind is right and its namespace permits it. */
export function permitReference(
  lookup: Lookup,
  source: Source,
  reference: Reference,
  kind: "Service" | "Secret",
): Resolved<null> {
  if ((reference.group ?? "") !== "" || (reference.kind ?? kind) !== kind) {
    const written = [reference.group, reference.kind].filter(Boolean).join("/");
    return { ok: false, reason: "InvalidKind", message: `Expected a ${kind}, not ${show(written, 80)}.` };
  }
  const { object, group } = source;
  const own = object.metadata.namespace ?? "";
  const namespace = reference.namespace ?? own;
  const from = { group, kind: object.kind, namespace: own };
  const to = { group: "", kind, namespace, name: reference.name };
  if (lookup.grants({ from, to })) return { ok: true, found: null, namespace };
  const message =
    `No ReferenceGrant in namespace ${show(namespace, 63)} permits ${object.kind}s of namespace ${own} ` +
    `to refer to ${kind} ${show(reference.name, 80)}.`;
  return { ok: false, reason: "RefNotPermitted", message, absent: { kind: "ReferenceGrant", namespace, name: "" } };
}

/** Finds the Secret that a reference names. */
export function resolveSecret(lookup: Lookup, source: Source, reference: Reference): Resolved<KubernetesSecret> {
  const permitted = permitReference(lookup, source, reference, "Secret");
  if (!permitted.ok) return permitted;
  const { namespace } = permitted;
  const found = lookup.secrets.get(keyOf(namespace, reference.name));
  if (found !== undefined) return { ok: true, found, namespace };
  const message = `Secret ${show(namespace, 63)}/${show(reference.name, 80)} does not exist.`;
  return {
    ok: false,
    reason: "InvalidCertificateRef",
    message,
    absent: { kind: "Secret", namespace, name: reference.name },
  };
}
