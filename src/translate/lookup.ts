import type { EndpointSlice, KubernetesSecret, Service } from "../api/core.ts";
import type { View } from "../api/view.ts";
import { type Grants, readGrants } from "./grants.ts";
import { compareAge, type Dated } from "./order.ts";

/** `namespace/name`. */
export type ObjectKey = `${string}/${string}`;

/** What rules refer to, found by name. */
export type Lookup = {
  readonly services: ReadonlyMap<ObjectKey, Service>;
  readonly secrets: ReadonlyMap<ObjectKey, KubernetesSecret>;
  readonly grants: Grants;
};

/** Finds the referents of a view by name. Of several objects with one name the first in order counts. */
export function buildLookup(view: View): Lookup {
  return {
    services: indexByName(view.services),
    secrets: indexByName(view.secrets),
    grants: readGrants(view.referenceGrants),
  };
}

/** Objects by `namespace/name`. */
export function indexByName<Kind extends Dated>(objects: readonly Kind[]): ReadonlyMap<ObjectKey, Kind> {
  const found = new Map<ObjectKey, Kind>();
  for (const object of objects) {
    const key = keyOf(object.metadata.namespace ?? "", object.metadata.name);
    const before = found.get(key);
    if (before === undefined || compareAge(object, before) < 0) found.set(key, object);
  }
  return found;
}

const SERVICE_NAME = "kubernetes.io/service-name";

/** EndpointSlices by the Service that their label names. */
export function slicesByService(slices: readonly EndpointSlice[]): ReadonlyMap<ObjectKey, readonly EndpointSlice[]> {
  const found = new Map<ObjectKey, EndpointSlice[]>();
  for (const slice of slices) {
    const service = slice.metadata.labels?.[SERVICE_NAME];
    if (service === undefined) continue;
    const key = keyOf(slice.metadata.namespace ?? "", service);
    const list = found.get(key);
    if (list === undefined) found.set(key, [slice]);
    else list.push(slice);
  }
  return found;
}

/** The key of a namespaced object; neither part can hold a slash in a valid name. */
export function keyOf(namespace: string, name: string): ObjectKey {
  return `${namespace}/${name}`;
}
