import type { ObjectRef } from "../base/problem.ts";
import { isNotNewer } from "./compare-versions.ts";
import { type Judge, type Kept, looksDifferent } from "./judge-object.ts";
import type { RawObject } from "./raw-object.ts";

/** The objects of one kind, of one namespace or of all. */
export type ObjectSet = {
  readonly kept: () => Iterable<Kept>;
  readonly size: () => number;
  readonly get: (namespace: string, name: string) => Kept | undefined;
  /** The newest version of an object. Older ones than the kept are left alone, whatever the order in which they come. */
  readonly put: (raw: RawObject) => void;
  readonly remove: (raw: RawObject) => void;
  /** The object is certainly not there. */
  readonly drop: (namespace: string, name: string) => void;
  /** Everything up to this version has been told. */
  readonly passed: (version: string) => void;
  /** Begins to take over a list; nothing changes until it is finished. */
  readonly intake: () => Intake;
};

/** A list that is being read. */
export type Intake = {
  readonly add: (raw: RawObject) => void;
  /** What was added is all there is. Gives how many changes the watch, which had come to `passed`, should have told of. */
  readonly finish: (version: string, passed: string | null) => number;
};

/** More deletions than this between two bookmarks are not remembered: a late word on one would then bring it back until the next list. */
const MAX_TOMBSTONES = 10_000;

/** Makes an empty set that tells which objects look different. */
export function createObjectSet(judge: Judge, changed: (refs: readonly ObjectRef[]) => void): ObjectSet {
  let objects = new Map<string, Kept>();
  const tombstones = new Map<string, string>();
  let floor = "";
  const isOld = (raw: RawObject, key: string): boolean => {
    const known = objects.get(key)?.version ?? tombstones.get(key);
    return isNotNewer(raw.version, floor) || (known !== undefined && isNotNewer(raw.version, known));
  };
  const remove = (key: string): void => {
    const known = objects.get(key);
    objects.delete(key);
    if (known !== undefined && looksDifferent(known, undefined)) changed([known.ref]);
  };
  const passed = (version: string): void => {
    floor = version;
    tombstones.clear();
  };
  return {
    kept: () => objects.values(),
    size: () => objects.size,
    get: (namespace, name) => objects.get(keyOf(namespace, name)),
    put: (raw) => {
      const key = keyOf(raw.namespace, raw.name);
      if (isOld(raw, key)) return;
      const before = objects.get(key);
      const after = judge(raw, before);
      tombstones.delete(key);
      objects.set(key, after);
      if (looksDifferent(before, after)) changed([after.ref]);
    },
    remove: (raw) => {
      const key = keyOf(raw.namespace, raw.name);
      if (isOld(raw, key)) return;
      if (tombstones.size < MAX_TOMBSTONES) tombstones.set(key, raw.version);
      remove(key);
    },
    drop: (namespace, name) => remove(keyOf(namespace, name)),
    passed,
    intake: () => {
      const next = new Map<string, Kept>();
      return {
        add: (raw) => {
          const key = keyOf(raw.namespace, raw.name);
          const known = objects.get(key);
          const isSame = known !== undefined && known.version === raw.version && known.uid === raw.uid;
          next.set(key, isSame ? known : judge(raw, known));
        },
        finish: (version, passedVersion) => {
          const { refs, missed } = compare(objects, next, passedVersion);
          objects = next;
          passed(version);
          if (refs.length > 0) changed(refs);
          return missed;
        },
      };
    },
  };
}

type Objects = ReadonlyMap<string, Kept>;

/** An object that is gone may have gone after the watch had ended; it is counted as missed, which is seldom wrong. */
function compare(
  before: Objects,
  after: Objects,
  passed: string | null,
): { readonly refs: readonly ObjectRef[]; readonly missed: number } {
  const refs: ObjectRef[] = [];
  let missed = 0;
  for (const [key, kept] of after) {
    const known = before.get(key);
    if (known === kept) continue;
    if (looksDifferent(known, kept)) refs.push(kept.ref);
    if (passed !== null && isNotNewer(kept.version, passed)) missed += 1;
  }
  for (const [key, { ref }] of before) {
    if (after.has(key)) continue;
    refs.push(ref);
    if (passed !== null) missed += 1;
  }
  return { refs, missed };
}

/** No part of a valid name holds a slash; what is no valid name stays apart all the same. */
function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
