import type { Problem } from "../base/problem.ts";
import { haveSameItems } from "../base/same-items.ts";
import { sortInSteps } from "../base/sort-in-steps.ts";
import { visit, type Work } from "../base/work.ts";
import { conditionsOf } from "./conditions.ts";
import type { ObjectTranslation } from "./objects.ts";
import { compareRefs, type Dated, refKey } from "./order.ts";
import type { Source } from "./source.ts";
import type { ObjectStatus } from "./translation.ts";

/** What is said of each object, and the problems that it follows from. */
export type Statuses = {
  readonly byObject: ReadonlyMap<Dated, { readonly problems: readonly Problem[]; readonly status: ObjectStatus }>;
  readonly sorted: readonly ObjectStatus[];
};

const NOTHING_WRONG: readonly Problem[] = [];

/** Says what became of each object; what is said of one stays the very same as long as the object and its problems do. */
export function* writeStatuses(
  objects: Iterable<ObjectTranslation>,
  problems: readonly Problem[],
  before: Statuses,
): Work<Statuses> {
  const ofKey = new Map<string, Problem[]>();
  yield* visit(problems, (problem) => {
    const key = refKey(problem.object);
    const list = ofKey.get(key);
    if (list === undefined) ofKey.set(key, [problem]);
    else list.push(problem);
  });
  const byObject = new Map<Dated, { readonly problems: readonly Problem[]; readonly status: ObjectStatus }>();
  yield* visit(objects, (object) => {
    const own = ofKey.get(object.key) ?? NOTHING_WRONG;
    const known = before.byObject.get(object.source.object);
    const isSame = known !== undefined && haveSameItems(known.problems, own);
    byObject.set(object.source.object, isSame ? known : { problems: own, status: statusOf(object, own) });
  });
  const written = byObject.values().map(({ status }) => status);
  const sorted = yield* sortInSteps(written, (a, b) => compareRefs(a.object, b.object), before.sorted);
  return { byObject, sorted };
}

function statusOf({ ref, source }: ObjectTranslation, problems: readonly Problem[]): ObjectStatus {
  const generation = source.object.metadata.generation ?? null;
  return { object: ref, conditions: conditionsOf(problems, generation), backends: backendsText(source) };
}

function backendsText(source: Source): string {
  const refs = source.rules
    .flatMap((rule) => rule.spec.backendRefs)
    .filter((ref) => (ref.kind ?? "Service") === "Service");
  return [...new Set(refs.map((ref) => `${ref.name}:${ref.port}`))].join(", ").slice(0, 1024);
}
