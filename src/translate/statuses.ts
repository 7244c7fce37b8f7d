import { isDeepStrictEqual } from "node:util";
import type { Problem } from "../base/problem.ts";
import { haveSameItems } from "../base/same-items.ts";
import { sortInSteps } from "../base/sort-in-steps.ts";
import { visit, type Work } from "../base/work.ts";
import { conditionsOf } from "./conditions.ts";
import type { ObjectTranslation } from "./objects.ts";
import { compareRefs, type Dated, refKey } from "./order.ts";
import type { Source } from "./source.ts";
import type { ObjectStatus } from "./translation.ts";

/** What is said of each object, by its key, and what it follows from. */
export type Statuses = {
  readonly byKey: ReadonlyMap<string, WrittenStatus>;
  readonly sorted: readonly ObjectStatus[];
};

type WrittenStatus = {
  readonly object: Dated;
  readonly problems: readonly Problem[];
  readonly status: ObjectStatus;
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
  const byKey = new Map<string, WrittenStatus>();
  let same = 0;
  yield* visit(objects, (object) => {
    const known = before.byKey.get(object.key);
    const written = writeStatus(object, ofKey.get(object.key) ?? NOTHING_WRONG, known);
    byKey.set(object.key, written);
    if (written.status === known?.status) same += 1;
  });
  if (same === byKey.size && same === before.byKey.size) return { byKey, sorted: before.sorted };
  const statuses = byKey.values().map(({ status }) => status);
  return { byKey, sorted: yield* sortInSteps(statuses, (a, b) => compareRefs(a.object, b.object), before.sorted) };
}

function writeStatus(
  translation: ObjectTranslation,
  problems: readonly Problem[],
  before: WrittenStatus | undefined,
): WrittenStatus {
  const { object } = translation.source;
  if (before?.object === object && haveSameItems(before.problems, problems)) return before;
  const status = statusOf(translation, problems);
  const isEqual = before !== undefined && isDeepStrictEqual(before.status, status);
  return { object, problems, status: isEqual ? before.status : status };
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
