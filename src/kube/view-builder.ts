import type { KindName } from "../api/kinds.ts";
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

/** What a view says of one kind. */
type Part = {
  readonly list: readonly ViewObject[];
  readonly stale: readonly StaleObject[];
  readonly problems: readonly SourceProblem[];
};

/** Makes a builder; what it says of a kind is kept until the kind changes. */
export function createViewBuilder(readers: readonly KindReader[]): ViewBuilder {
  const parts = new Map<KindName, Part>();
  const partOf = (reader: KindReader): Part => {
    const part = parts.get(reader.row.kind) ?? readPart(reader);
    parts.set(reader.row.kind, part);
    return part;
  };
  return {
    view: () => {
      const lists = readers.map((reader) => [reader.row.view, partOf(reader).list] as const);
      const stale = readers.flatMap((reader) => partOf(reader).stale);
      // Each list holds only objects that the validator judged to be of its kind.
      return { ...EMPTY, ...(Object.fromEntries(lists) as unknown as Omit<View, "stale">), stale };
    },
    changed: (kind) => void parts.delete(kind),
    problems: () => readers.flatMap((reader) => partOf(reader).problems),
  };
}

function readPart({ sets }: KindReader): Part {
  const list: ViewObject[] = [];
  const stale: StaleObject[] = [];
  const problems: SourceProblem[] = [];
  for (const set of sets) {
    for (const kept of set.kept()) {
      if (kept.object !== null) list.push(kept.object);
      if (kept.problem === null) continue;
      problems.push(kept.problem);
      if (kept.isStale) stale.push(describeStale(kept, kept.problem));
    }
  }
  return { list, stale, problems };
}

function describeStale({ ref }: Kept, { field = "", message }: SourceProblem): StaleObject {
  const place = field === "" ? "" : `${field}: `;
  return { object: ref, message: `${place}${message}. The last good version is served.` };
}
