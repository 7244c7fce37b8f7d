import type { Ingress, IngressClass } from "../api/core.ts";
import type { View } from "../api/view.ts";
import type { WebSocketRoute } from "../api/websocket-route.ts";
import { compareAge } from "./order.ts";
import type { ClassOptions } from "./translation.ts";

const LEGACY_CLASS = "kubernetes.io/ingress.class";
const DEFAULT_MARK = "ingressclass.kubernetes.io/is-default-class";

/** The class of WebSocketRoutes that do not name one: the default of the schema. */
const SCHEMA_DEFAULT = "fairlead";

/** Which objects this installation serves. */
export type Classes = {
  readonly servesIngress: (ingress: Ingress) => boolean;
  readonly servesRoute: (route: WebSocketRoute) => boolean;
};

/**
 * Reads which classes are ours: IngressClasses of our controller, narrowed to the named ones if any are named. An
 * Ingress names its class in spec.ingressClassName, else in the legacy annotation; one that names none belongs to the
 * default class, the youngest if several are marked (as Kubernetes' admission decides).
 */
export function readClasses(view: View, options: ClassOptions): Classes {
  const served = servedNames(view, options);
  const fallback = findDefault(view, options);
  const servesDefault = fallback !== null && served.has(fallback);
  return {
    servesIngress: (ingress) => {
      const name = ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.[LEGACY_CLASS];
      return name === undefined ? servesDefault : served.has(name);
    },
    servesRoute: (route) => served.has(route.spec.ingressClassName ?? SCHEMA_DEFAULT),
  };
}

function servedNames(view: View, options: ClassOptions): ReadonlySet<string> {
  if (!options.readObjects) return new Set(options.names);
  const ours = view.ingressClasses
    .filter((each) => each.spec?.controller === options.controllerName)
    .map((each) => each.metadata.name);
  return new Set(options.names.length === 0 ? ours : ours.filter((name) => options.names.includes(name)));
}

function findDefault(view: View, options: ClassOptions): string | null {
  const marked = options.readObjects ? view.ingressClasses.filter(isMarked) : [];
  return marked.toSorted(compareYouth)[0]?.metadata.name ?? null;
}

function isMarked(each: IngressClass): boolean {
  return each.metadata.annotations?.[DEFAULT_MARK] === "true";
}

function compareYouth(a: IngressClass, b: IngressClass): number {
  const aMs = Date.parse(a.metadata.creationTimestamp ?? "") || 0;
  const bMs = Date.parse(b.metadata.creationTimestamp ?? "") || 0;
  return bMs - aMs || compareAge(a, b);
}
