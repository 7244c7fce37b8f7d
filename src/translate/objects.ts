import type { ObjectRef, Problem } from "../base/problem.ts";
import type { Work } from "../base/work.ts";
import { claimRoutes, type RouteClaim } from "./claims.ts";
import { attempt, reportTo } from "./findings.ts";
import type { Lookup, ObjectKey } from "./lookup.ts";
import { type Dated, refKey, refOf } from "./order.ts";
import { type Remembered, remember } from "./remember.ts";
import type { Surroundings } from "./rule-scope.ts";
import type { Source } from "./source.ts";
import type { Routing } from "./sources.ts";
import { type TlsClaim, translateTls } from "./tls.ts";

/** All that follows from one object and what it refers to, whatever other objects there are. */
export type ObjectTranslation = {
  readonly ref: ObjectRef;
  /** One text for each object, unlike that of any other. */
  readonly key: string;
  readonly source: Source;
  readonly routes: readonly RouteClaim[];
  readonly tls: readonly TlsClaim[];
  readonly problems: readonly Problem[];
};

/** The translations of all objects that are served, by object. */
export type Objects = ReadonlyMap<Dated, Remembered<ObjectTranslation>>;

/** Translates each object that is not the very same as before, or whose referents are not. */
export function* translateObjects(
  routings: readonly Routing[],
  surroundings: Surroundings,
  before: Objects,
): Work<{ readonly objects: Objects; readonly translated: number; readonly secrets: NamedSecrets }> {
  const objects = new Map<Dated, Remembered<ObjectTranslation>>();
  const [named, again] = [new Set<ObjectKey>(), new Set<ObjectKey>()];
  let translated = 0;
  for (const routing of routings) {
    const known = before.get(routing.object);
    if (known?.holds(surroundings.lookup) === true) {
      objects.set(routing.object, known);
      for (const key of known.secrets) named.add(key);
      if (objects.size % REUSED_PER_STEP === 0) yield;
      continue;
    }
    const compute = (lookup: Lookup): Work<ObjectTranslation> => translateObject(routing, { ...surroundings, lookup });
    const remembered = yield* remember(surroundings.lookup, compute);
    objects.set(routing.object, remembered);
    for (const key of remembered.secrets) {
      named.add(key);
      if (known === undefined) again.add(key);
    }
    translated += 1;
  }
  return { objects, translated, secrets: { named, again } };
}

/** The Secrets that objects refer to and may refer to, whether they exist or not: nothing else needs any other Secret. */
export type NamedSecrets = {
  readonly named: ReadonlySet<ObjectKey>;
  /** Those of objects that are new or have changed. */
  readonly again: ReadonlySet<ObjectKey>;
};

const REUSED_PER_STEP = 128;

function* translateObject({ object, read }: Routing, surroundings: Surroundings): Work<ObjectTranslation> {
  const ref = refOf(object);
  const problems: Problem[] = [];
  const report = reportTo(problems, ref);
  const empty: Source = { object, group: "", rules: [], tls: [] };
  const source = yield* attempt<Source>(report, empty, function* () {
    yield;
    return read(report);
  });
  const nothing = { routes: [], tls: [] };
  const claims = yield* attempt<Pick<ObjectTranslation, "routes" | "tls">>(report, nothing, function* () {
    const routes = yield* claimRoutes(source, surroundings, problems);
    return { routes, tls: translateTls(source, surroundings, problems) };
  });
  return { ref, key: refKey(ref), source, ...claims, problems };
}
