import type { KindName, ViewKey } from "../api/kinds.ts";
import type { ViewObject } from "../api/validate/validator.ts";
import type { StaleObject, View } from "../api/view.ts";
import type { SourceProblem } from "../base/source-problem.ts";
import type { Kept } from "./judge-object.ts";
import type { KindReader } from "./kind-reader.ts";

/** Makes views of what readers keep. */
export type ViewBuilder = {
  readonly view: () => View;
  /** Objects of this kind are not what they were. The lists of the others stay the very same. */
  readonly changed: (kind: KindName) => void;
  /** What keeps newest versions from being served. */
  readonly problems: () => readonly SourceProblem[];
};

const EMPTY: View = {
  ingresses: [],
  ingressClasses: [],
  webSocketRoutes: [],
  services: [],
  endpointSlices: [],
  secrets: [],
  referenceGrants: [],
  stale: [],
};

/** Makes a builder; what it builds is kept until the kind changes. */
export function createViewBuilder(readers: readonly KindReader[]): ViewBuilder {
  const lists = new Map<ViewKey, readonly ViewObject[]>();
  let stale: readonly StaleObject[] | null = null;
  let problems: readonly SourceProblem[] | null = null;
  return {
    view: () => {
      for (const reader of readers) {
        const { view } = reader.row;
        if (!lists.has(view))
          lists.set(
            view,
            Array.from(keptOf(reader)).flatMap(({ object }) => object ?? []),
          );
      }
      stale ??= readers.flatMap((reader) => Array.from(keptOf(reader)).flatMap(staleOf));
      // Each list holds only objects that the validator judged to be of its kind.
      return { ...EMPTY, ...(Object.fromEntries(lists) as unknown as Omit<View, "stale">), stale };
    },
    changed: (kind) => {
      const row = readers.find((reader) => reader.row.kind === kind)?.row;
      if (row !== undefined) lists.delete(row.view);
      stale = null;
      problems = null;
    },
    problems: () => {
      problems ??= readers.flatMap((reader) => Array.from(keptOf(reader)).flatMap(({ problem }) => problem ?? []));
      return problems;
    },
  };
}

function* keptOf({ sets }: KindReader): Generator<Kept> {
  for (const set of sets) yield* set.kept();
}

function staleOf({ ref, problem, isStale }: Kept): readonly StaleObject[] {
  if (!isStale || problem === null) return [];
  const field = problem.field === undefined || problem.field === "" ? "" : `${problem.field}: `;
  return [{ object: ref, message: `${field}${problem.message}. The last good version is served.` }];
}
