import { KINDS, type KindName } from "../api/kinds.ts";
import type { Validator } from "../api/validate/validator.ts";
import type { Clock } from "../base/ports.ts";
import type { ObjectRef } from "../base/problem.ts";
import type { ApiClient } from "./api-client.ts";
import { createJudge, type Kept } from "./judge-object.ts";
import { createObjectSet, type ObjectSet } from "./object-set.ts";
import { createReflector, type Reflector } from "./reflector.ts";

/** One kind, and the parts that read it: one for each namespace, or one for the cluster. */
export type KindReader = {
  readonly row: (typeof KINDS)[number];
  readonly sets: readonly ObjectSet[];
  /** None for a kind that is read one by one. */
  readonly reflectors: readonly Reflector[];
};

/** What readers are joined from. */
export type KindReaderParts = {
  readonly client: ApiClient;
  readonly validate: Validator;
  /** Only these namespaces are read, and nothing that is in none; empty for the whole cluster. */
  readonly namespaces: readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
};

/** Who is told of what was read. */
export type KindListener = {
  readonly changed: (kind: KindName, refs: readonly ObjectRef[]) => void;
  /** How the reading of a kind stands has changed. */
  readonly told: () => void;
};

/** A reader for each kind that may be read at all; nothing is asked before its reflectors are started. */
export function createKindReaders(parts: KindReaderParts, listener: KindListener): readonly KindReader[] {
  const isWhole = parts.namespaces.length === 0;
  return KINDS.filter((row) => row.namespaced || isWhole).map((row) => {
    const judge = createJudge(row, parts.validate);
    const makeSet = (): ObjectSet => createObjectSet(judge, (refs) => listener.changed(row.kind, refs));
    if (row.access === "get") return { row, sets: [makeSet()], reflectors: [] };
    const scopes = isWhole ? [null] : [...new Set(parts.namespaces)];
    const pairs = scopes.map((namespace) => {
      const set = makeSet();
      return { set, reflector: createReflector({ ...parts, resource: { row, namespace }, set, told: listener.told }) };
    });
    return { row, sets: pairs.map(({ set }) => set), reflectors: pairs.map(({ reflector }) => reflector) };
  });
}

/** Without one of each of these nothing could be routed; the others are missed by some routes alone. */
const NEEDED: readonly (readonly KindName[])[] = [
  ["Ingress", "WebSocketRoute"],
  ["IngressClass"],
  ["Service"],
  ["EndpointSlice"],
];

/**
 * True when every kind has been listed or cannot be had, and what is there is enough to route by: an empty table that
 * comes of a missing permission must not replace a good one on another replica.
 */
export function isServable(readers: readonly KindReader[]): boolean {
  const isAnswered = readers.every(({ reflectors }) =>
    reflectors.every((reflector) => {
      const { isListed, state } = reflector.progress();
      return isListed || state === "forbidden" || state === "absent";
    }),
  );
  return isAnswered && NEEDED.every((kinds) => isAnyListed(kinds, readers));
}

function isAnyListed(kinds: readonly KindName[], readers: readonly KindReader[]): boolean {
  const present = readers.filter(({ row }) => kinds.includes(row.kind));
  if (present.length === 0) return true;
  return present.some(({ reflectors }) => reflectors.some((reflector) => reflector.progress().isListed));
}

/** What is kept of one object. */
export function findKept(readers: readonly KindReader[], { kind, namespace, name }: ObjectRef): Kept | undefined {
  const sets = readers.find(({ row }) => row.kind === kind)?.sets ?? [];
  return sets.map((set) => set.get(namespace, name)).find((kept) => kept !== undefined);
}
