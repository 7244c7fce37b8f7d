import type { Work } from "../base/work.ts";
import type { Lookup, ObjectKey } from "./lookup.ts";

/** What came of asking a lookup, and whether another lookup would have given the same answers. */
export type Remembered<Result> = {
  readonly result: Result;
  readonly holds: (now: Lookup) => boolean;
  /** The Secrets that were asked for. */
  readonly secrets: readonly ObjectKey[];
};

type Question = (now: Lookup) => boolean;

/**
 * Computes something from a lookup, and remembers each question that was asked with its answer. As long as these stay,
 * so does the result: nobody has to know which objects it depends on.
 */
export function* remember<Result>(lookup: Lookup, compute: (lookup: Lookup) => Work<Result>): Work<Remembered<Result>> {
  const questions: Question[] = [];
  const secrets: ObjectKey[] = [];
  const ask = <Answer>(question: (now: Lookup) => Answer): Answer => {
    const answer = question(lookup);
    questions.push((now) => question(now) === answer);
    return answer;
  };
  const result = yield* compute({
    services: { get: (key) => ask((now) => now.services.get(key)) },
    secrets: {
      get: (key) => {
        secrets.push(key);
        return ask((now) => now.secrets.get(key));
      },
    },
    grants: (reference) => ask((now) => now.grants(reference)),
    defaultCertificate: () => ask((now) => now.defaultCertificate()),
    read: lookup.read,
  });
  return { result, holds: (now) => questions.every((question) => question(now)), secrets };
}
