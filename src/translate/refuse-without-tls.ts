import { haveSameItems } from "../base/same-items.ts";
import { visit, type Work } from "../base/work.ts";
import type { RouteClaim } from "./claims.ts";
import { refuseClaim } from "./fail-closed.ts";
import { ANY_HOST, coversHost } from "./hosts.ts";
import type { ObjectTranslation } from "./objects.ts";
import type { Dated } from "./order.ts";
import { refusalsByObject, type TlsGroups, type TlsRefusal } from "./tls-conflicts.ts";

/** The claims of objects that cannot have the TLS that they asked for, by object. */
export type Refused = ReadonlyMap<Dated, RefusedObject>;

type RefusedObject = {
  readonly of: ObjectTranslation;
  readonly refusals: readonly TlsRefusal[];
  readonly routes: readonly RouteClaim[];
};

/** An object's rules answer 503 on hosts for which the object asked for TLS and cannot have it. */
export function* refuseWithoutTls(
  objects: readonly ObjectTranslation[],
  tls: TlsGroups,
  before: Refused,
): Work<Refused> {
  const refusals = refusalsByObject(tls);
  const refused = new Map<Dated, RefusedObject>();
  if (refusals.size === 0) return refused;
  yield* visit(objects, (of) => {
    const { object } = of.source;
    const own = refusals.get(object);
    if (own === undefined) return;
    const known = before.get(object);
    const isSame = known?.of === of && haveSameItems(known.refusals, own);
    refused.set(object, isSame ? known : { of, refusals: own, routes: of.routes.map((claim) => refuse(claim, own)) });
  });
  return refused;
}

function refuse(claim: RouteClaim, refusals: readonly TlsRefusal[]): RouteClaim {
  const found = refusals.find((refusal) => coversHost(refusal.claim.host, claim.host ?? ANY_HOST));
  return found === undefined ? claim : refuseClaim(claim, found.detail);
}
