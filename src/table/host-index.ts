import { visit, type Work } from "../base/work.ts";
import type { HostPattern } from "./routing-table.ts";

/** What each host pattern stands for, found by name in time that does not depend on how many there are. */
export type HostIndex<Value> = {
  readonly exact: ReadonlyMap<string, Value>;
  readonly oneLabel: ReadonlyMap<string, Value>;
  readonly manyLabels: ReadonlyMap<string, Value>;
  readonly any: Value | null;
};

/** Indexes values by host pattern; of equal patterns the first counts. */
export function* indexHosts<Item, Value>(
  items: Iterable<Item>,
  read: (item: Item) => readonly [HostPattern, Value],
): Work<HostIndex<Value>> {
  const exact = new Map<string, Value>();
  const oneLabel = new Map<string, Value>();
  const manyLabels = new Map<string, Value>();
  let any: Value | null = null;
  yield* visit(items, (item) => {
    const [host, value] = read(item);
    if (host.type === "exact") addFirst(exact, host.name, value);
    else if (host.type === "one-label") addFirst(oneLabel, host.suffix, value);
    else if (host.type === "many-labels") addFirst(manyLabels, host.suffix, value);
    else any ??= value;
  });
  return { exact, oneLabel, manyLabels, any };
}

/**
 * The value of the most specific pattern for a lower-cased name: exact, then the wildcard with the longest suffix (of
 * equal suffixes the one-label form), then any; null when there is none. There is no falling through to a wider one.
 */
export function findHost<Value>(index: HostIndex<Value>, name: string): Value | null {
  return index.exact.get(name) ?? findWildcard(index, name) ?? index.any;
}

/**
 * The values of every pattern that covers a lower-cased name, the most specific first: the first is what findHost finds,
 * and the others are never asked. For explanations; findHost stops at the first.
 */
export function listHosts<Value>(index: HostIndex<Value>, name: string): readonly Value[] {
  const found: (Value | undefined | null)[] = [index.exact.get(name)];
  const firstDot = name.indexOf(".");
  for (let dot = firstDot; dot > 0; dot = name.indexOf(".", dot + 1)) {
    const suffix = name.slice(dot + 1);
    if (dot === firstDot) found.push(index.oneLabel.get(suffix));
    found.push(index.manyLabels.get(suffix));
  }
  return [...found, index.any].filter((value) => value !== undefined && value !== null);
}

function findWildcard<Value>(index: HostIndex<Value>, name: string): Value | null {
  const firstDot = name.indexOf(".");
  if (firstDot <= 0) return null;
  for (let dot = firstDot; dot !== -1; dot = name.indexOf(".", dot + 1)) {
    const suffix = name.slice(dot + 1);
    const found = (dot === firstDot ? index.oneLabel.get(suffix) : undefined) ?? index.manyLabels.get(suffix);
    if (found !== undefined) return found;
  }
  return null;
}

function addFirst<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (!map.has(key)) map.set(key, value);
}
