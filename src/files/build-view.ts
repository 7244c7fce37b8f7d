import type { IngressClass } from "../api/core.ts";
import { KINDS, type ViewKey } from "../api/kinds.ts";
import type { ViewObject } from "../api/validate/validator.ts";
import type { View } from "../api/view.ts";
import type { ObjectRef } from "../base/problem.ts";
import { haveSameItems } from "../base/same-items.ts";
import { visit, type Work } from "../base/work.ts";
import type { Served } from "./reconcile.ts";

/** What differs between two views of a directory. */
export type ViewChange = {
  readonly view: View;
  /** Objects that were added, changed or deleted. */
  readonly changed: readonly ObjectRef[];
  /** The kinds among them: only `EndpointSlice` means that no route can have changed. */
  readonly kinds: ReadonlySet<string>;
};

/** The annotation that makes an IngressClass the default one (Kubernetes well-known annotations). */
const defaultClassAnnotation = "ingressclass.kubernetes.io/is-default-class";

/**
 * What is served, as the View that translate reads. A directory has no administrator who made an IngressClass: the
 * implied one is there unless a file defines one of its name. A list that holds what it held in the view `before` is that
 * very list, so that nothing is done again for it.
 */
export function* buildView(served: Served, implied: IngressClass, before: View | null): Work<View> {
  const lists = new Map<ViewKey, readonly ViewObject[]>();
  for (const [key, list] of yield* listObjects(served, implied)) {
    const known = before?.[key] ?? [];
    lists.set(key, haveSameItems(list, known) ? known : list);
    yield;
  }
  // Each list holds only objects that the validator judged to be of its kind.
  return { ...(Object.fromEntries(lists) as unknown as Omit<View, "stale">), stale: served.stale };
}

function* listObjects(served: Served, implied: IngressClass): Work<ReadonlyMap<ViewKey, readonly ViewObject[]>> {
  const lists = new Map<ViewKey, ViewObject[]>(KINDS.map((row) => [row.view, []]));
  const keyOfKind = new Map<string, ViewKey>(KINDS.map((row) => [row.kind, row.view]));
  yield* visit(served.objects.values(), ({ ref, object }) => {
    const key = keyOfKind.get(ref.kind);
    if (key !== undefined) lists.get(key)?.push(object);
  });
  const classes = lists.get("ingressClasses") ?? [];
  if (!classes.some((written) => written.metadata.name === implied.metadata.name)) classes.push(implied);
  return lists;
}

/** The IngressClass that a directory has without saying so: the default one. */
export function impliedIngressClass(name: string, controllerName: string): IngressClass {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name, annotations: { [defaultClassAnnotation]: "true" } },
    spec: { controller: controllerName },
  };
}

/** Every object that is not the same object in both. */
export function* findChanges(before: Served, after: Served): Work<readonly ObjectRef[]> {
  const changed: ObjectRef[] = [];
  yield* visit(after.objects, ([key, { object, ref }]) => {
    if (before.objects.get(key)?.object !== object) changed.push(ref);
  });
  yield* visit(before.objects, ([key, { ref }]) => {
    if (!after.objects.has(key)) changed.push(ref);
  });
  return changed;
}
