import { readTlsSecret } from "./tls-secret.ts";
import type { FieldPath } from "./validate/field-problem.ts";
import type { ViewObject } from "./validate/validator.ts";

/** What makes an object that an API server accepts useless; quotes no value. */
export type Fault = { readonly path: FieldPath; readonly message: string };

/**
 * Looks into a valid object: a Secret of type kubernetes.io/tls may hold no certificate that can be served. Who reads
 * objects keeps the last version without a fault. Null if there is none.
 */
export function findFault(object: ViewObject): Fault | null {
  if (object.kind !== "Secret" || object.type !== "kubernetes.io/tls") return null;
  const read = readTlsSecret(object);
  return read.ok ? null : { path: ["data", read.part], message: read.fault };
}
