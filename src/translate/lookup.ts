import type { EndpointSlice, KubernetesSecret, Service } from "../api/core.ts";
import type { View } from "../api/view.ts";
import { visit, type Work } from "../base/work.ts";
import type { Certificate } from "../table/certificate-table.ts";
import { type Grants, readGrants } from "./grants.ts";
import { compareAge, type Dated } from "./order.ts";
import { createSecretReader, type SecretReader } from "./read-secrets.ts";

/** `namespace/name`. */
export type ObjectKey = `${string}/${string}`;

/** What rules refer to, found by name. */
export type Lookup = {
  readonly services: Finder<Service>;
  readonly secrets: Finder<KubernetesSecret>;
  readonly grants: Grants;
  /** What objects without a Secret of their own are served with: the operator's certificate, if it is usable. */
  readonly defaultCertificate: () => Certificate | null;
  readonly read: SecretReader;
};

/** Finds objects of one kind by name. */
export type Finder<Kind> = { readonly get: (key: ObjectKey) => Kind | undefined };

/** Finds the referents of a view by name. Of several objects with one name the first in order counts. */
export type Referents = Omit<Lookup, "defaultCertificate"> & { readonly indexes: ReferentIndexes };

type ReferentIndexes = { readonly services: NameIndex<Service>; readonly secrets: NameIndex<KubernetesSecret> };

/** Referents of nothing, with a reader of its own. */
export function noReferents(): Referents {
  const none = indexNothing<never>();
  const found = { services: none.byName, secrets: none.byName, grants: readGrants([]) };
  return { ...found, read: createSecretReader(), indexes: { services: none, secrets: none } };
}

/** An index of no list at all. */
export function indexNothing<Kind>(): NameIndex<Kind> {
  return { list: [], byName: new Map() };
}

/** Makes the referents of a view findable; lists that are the very same as before are not gone through again. */
export function* indexReferents(view: View, before: Referents): Work<Referents> {
  const services = yield* indexByName(view.services, before.indexes.services);
  const secrets = yield* indexByName(view.secrets, before.indexes.secrets);
  return {
    services: services.byName,
    secrets: secrets.byName,
    grants: readGrants(view.referenceGrants),
    read: before.read,
    indexes: { services, secrets },
  };
}

/** A list of objects, findable by `namespace/name`. */
export type NameIndex<Kind> = { readonly list: readonly Kind[]; readonly byName: ReadonlyMap<ObjectKey, Kind> };

/** Indexes a list, unless `before` is an index of the very same one. */
export function* indexByName<Kind extends Dated>(
  list: readonly Kind[],
  before: NameIndex<Kind>,
): Work<NameIndex<Kind>> {
  if (before.list === list) return before;
  const byName = new Map<ObjectKey, Kind>();
  yield* visit(list, (object) => {
    const key = keyOf(object.metadata.namespace ?? "", object.metadata.name);
    const known = byName.get(key);
    if (known === undefined || compareAge(object, known) < 0) byName.set(key, object);
  });
  return { list, byName };
}

const SERVICE_NAME = "kubernetes.io/service-name";

/** EndpointSlices by the Service that their label names. */
export type SliceIndex = {
  readonly list: readonly EndpointSlice[];
  readonly byService: ReadonlyMap<ObjectKey, readonly EndpointSlice[]>;
};

/** Indexes EndpointSlices, unless `before` is an index of the very same list. */
export function* indexSlices(list: readonly EndpointSlice[], before: SliceIndex): Work<SliceIndex> {
  if (before.list === list) return before;
  const byService = new Map<ObjectKey, EndpointSlice[]>();
  yield* visit(list, (slice) => {
    const service = slice.metadata.labels?.[SERVICE_NAME];
    if (service === undefined) return;
    const key = keyOf(slice.metadata.namespace ?? "", service);
    const slices = byService.get(key);
    if (slices === undefined) byService.set(key, [slice]);
    else slices.push(slice);
  });
  return { list, byService };
}

/** The key of a namespaced object; neither part can hold a slash in a valid name. */
export function keyOf(namespace: string, name: string): ObjectKey {
  return `${namespace}/${name}`;
}
