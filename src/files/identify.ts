import { apiVersionsOf, findKind, KINDS, type KindName, type WatchedKind } from "../api/kinds.ts";
import type { FieldPath } from "../api/validate/field-problem.ts";
import { cut } from "../base/object-name.ts";
import type { ObjectRef } from "../base/problem.ts";
import { isMapping } from "./find-objects.ts";
import type { Plain } from "./to-plain.ts";

/** What an object says it is. */
export type Identity =
  | { readonly type: "watched"; readonly kind: KindName; readonly ref: ObjectRef; readonly object: Plain }
  /** Watched, but in a version that is not read: nothing else of it can be judged. */
  | { readonly type: "unread-version"; readonly kind: KindName; readonly ref: ObjectRef; readonly expected: string }
  /** A kind that Fairlead does not watch. */
  | { readonly type: "ignored"; readonly what: string }
  /** It does not say enough to tell which object it is. */
  | { readonly type: "nameless"; readonly path: FieldPath; readonly message: string; readonly expected: string };

type Mapping = { readonly [key: string]: Plain };

const defaultNamespace = "default";

/** Reads apiVersion, kind, namespace and name. An object of a namespaced kind without a namespace is in `default`. */
export function identify(value: Plain): Identity {
  if (!isMapping(value))
    return nameless([], "the document is no Kubernetes object", "a mapping with apiVersion and kind");
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== "string") return nameless(["apiVersion"], "apiVersion is missing or no string", "a string");
  if (typeof kind !== "string") return nameless(["kind"], "kind is missing or no string", "a string");
  const row = findKind(apiVersion, kind) ?? findRowOfGroup(apiVersion, kind);
  if (row === undefined) return { type: "ignored", what: cut(`${apiVersion} ${kind}`) };
  return identifyWatched(value, row, apiVersion);
}

function identifyWatched(value: Mapping, row: WatchedKind & { kind: KindName }, apiVersion: string): Identity {
  const metadata = value["metadata"];
  const name = isMapping(metadata) ? metadata["name"] : undefined;
  if (!isMapping(metadata) || typeof name !== "string" || name === "") {
    return namelessObject(row.kind, name);
  }
  const { namespace, object } = row.namespaced ? placeInNamespace(value, metadata) : { namespace: "", object: value };
  const ref = { kind: row.kind, namespace, name };
  const versions = apiVersionsOf(row);
  if (!versions.includes(apiVersion)) {
    return { type: "unread-version", kind: row.kind, ref, expected: versions.join(" or ") };
  }
  return { type: "watched", kind: row.kind, ref, object };
}

function placeInNamespace(value: Mapping, metadata: Mapping): { readonly namespace: string; readonly object: Plain } {
  const written = metadata["namespace"] ?? "";
  if (written === "") {
    return {
      namespace: defaultNamespace,
      object: { ...value, metadata: { ...metadata, namespace: defaultNamespace } },
    };
  }
  // A namespace of a wrong type is left for the validator to refuse.
  return { namespace: typeof written === "string" ? written : defaultNamespace, object: value };
}

function namelessObject(kind: string, name: Plain | undefined): Identity {
  const path = ["metadata", "name"];
  if (name === undefined || name === null || name === "") return nameless(path, `a ${kind} has no name`, "a name");
  return nameless(path, `the name of a ${kind} is no string`, "quotes around it, as words like y and on are booleans");
}

function findRowOfGroup(apiVersion: string, kind: string): (typeof KINDS)[number] | undefined {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.lastIndexOf("/")) : "";
  return KINDS.find((row) => row.kind === kind && row.group === group);
}

function nameless(path: FieldPath, message: string, expected: string): Identity {
  return { type: "nameless", path, message, expected };
}
