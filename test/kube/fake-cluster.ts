import { findKind, KINDS } from "../../src/api/kinds.ts";

/** What a cluster keeps of an object, with metadata as an API server writes it. */
export type ClusterObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string; readonly namespace?: string };
};

/** One change, as a watch tells it. */
export type ClusterEvent = {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly plural: string;
  readonly version: number;
  readonly object: ClusterObject;
};

/** The objects of a cluster and their history, in memory; resourceVersions are one counter, as in etcd. */
export type FakeCluster = {
  /** Creates or replaces; namespaced objects without a namespace are in `default`. Gives what is kept. */
  readonly put: (object: ClusterObject) => ClusterObject;
  readonly remove: (kind: string, namespace: string, name: string) => void;
  /** In the order of their names. */
  readonly list: (plural: string, namespace: string | null) => readonly ClusterObject[];
  readonly version: () => number;
  /** Changes after a version; null where that is no longer kept. */
  readonly since: (plural: string, namespace: string | null, version: number) => readonly ClusterEvent[] | null;
  /** Forgets the history up to now, as compaction does. */
  readonly compact: () => void;
  /** Calls back after each change. */
  readonly follow: (listener: () => void) => () => void;
};

/** Makes an empty cluster. */
export function createFakeCluster(): FakeCluster {
  let version = 1_000;
  let compacted = version;
  const objects = new Map<string, { readonly plural: string; readonly object: ClusterObject }>();
  const history: ClusterEvent[] = [];
  const listeners = new Set<() => void>();
  const record = (event: Omit<ClusterEvent, "version">): void => {
    history.push({ ...event, version });
    for (const listener of listeners) listener();
  };
  return {
    put: (written) => {
      version += 1;
      const row = rowOf(written);
      const namespace = row.namespaced ? { namespace: written.metadata.namespace ?? "default" } : {};
      const key = keyOf(row.plural, namespace.namespace ?? "", written.metadata.name);
      const known = objects.get(key);
      const metadata = {
        creationTimestamp: "2026-01-01T00:00:00Z",
        ...written.metadata,
        ...namespace,
        uid: known?.object.metadata["uid"] ?? `uid-${version}`,
        generation: generationOf(known?.object, written),
        resourceVersion: String(version),
        managedFields: [{ manager: "kubectl", operation: "Apply", fieldsV1: { "f:spec": {} } }],
      };
      const object = { ...written, metadata };
      objects.set(key, { plural: row.plural, object });
      record({ type: known === undefined ? "ADDED" : "MODIFIED", plural: row.plural, object });
      return object;
    },
    remove: (kind, namespace, name) => {
      const plural = KINDS.find((row) => row.kind === kind)?.plural ?? "";
      const key = keyOf(plural, namespace, name);
      const known = objects.get(key);
      if (known === undefined) throw new Error(`there is no ${kind} ${namespace}/${name}`);
      version += 1;
      objects.delete(key);
      const metadata = { ...known.object.metadata, resourceVersion: String(version) };
      record({ type: "DELETED", plural, object: { ...known.object, metadata } });
    },
    list: (plural, namespace) =>
      [...objects.entries()]
        .filter(([, each]) => each.plural === plural && isIn(each.object, namespace))
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([, { object }]) => object),
    version: () => version,
    since: (plural, namespace, from) =>
      from < compacted
        ? null
        : history.filter((event) => event.version > from && event.plural === plural && isIn(event.object, namespace)),
    compact: () => {
      version += 1;
      compacted = version;
    },
    follow: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Counted up when more than metadata and status changes. */
function generationOf(before: ClusterObject | undefined, after: ClusterObject): number {
  const known = before?.metadata["generation"];
  if (before === undefined || typeof known !== "number") return 1;
  return specOf(before) === specOf(after) ? known : known + 1;
}

function specOf(object: ClusterObject): string {
  return JSON.stringify({ ...object, metadata: null, status: null });
}

function isIn({ metadata }: ClusterObject, namespace: string | null): boolean {
  return namespace === null || metadata.namespace === namespace;
}

function rowOf({ apiVersion, kind }: ClusterObject): (typeof KINDS)[number] {
  const row = findKind(apiVersion, kind);
  if (row === undefined) throw new Error(`${apiVersion} ${kind} is no row of KINDS`);
  return row;
}

function keyOf(plural: string, namespace: string, name: string): string {
  return `${plural}/${namespace}/${name}`;
}
