/** Where a smooth weighted round robin stands: one credit for each candidate, all 0 at the start. */
export type Credits = readonly number[];

/** The candidate that is next, null when every weight is 0; and where that leaves the round. */
export type Turn = { readonly chosen: number | null; readonly credits: Credits };

/**
 * Takes one turn: every candidate earns its weight, the richest is chosen and pays the sum of all. From zero credits any
 * run of as many turns as the sum gives each candidate exactly its weight, and none is ever a whole turn ahead.
 */
export function takeTurn(weights: readonly number[], credits: Credits): Turn {
  const total = sum(weights);
  if (total === 0) return { chosen: null, credits };
  const earned = weights.map((weight, at) => (credits[at] ?? 0) + weight);
  let chosen = -1;
  weights.forEach((weight, at) => {
    if (weight > 0 && (earned[at] ?? 0) > (earned[chosen] ?? Number.NEGATIVE_INFINITY)) chosen = at;
  });
  return { chosen, credits: earned.map((credit, at) => (at === chosen ? credit - total : credit)) };
}

/** A candidate by a name that outlives changes of its weight and of its neighbours. */
export type Weighted = { readonly key: string; readonly weight: number };

/**
 * Goes on with changed candidates: who stays keeps its credit, so a change cannot send a burst to one of them. Credits
 * are bounded by the new sum and centred, so that no history of changes adds up.
 */
export function carryCredits(before: readonly Weighted[], credits: Credits, after: readonly Weighted[]): Credits {
  const known = new Map(before.map(({ key }, at) => [key, credits[at] ?? 0]));
  const total = sum(after.map(({ weight }) => weight));
  const kept = after.map(({ key, weight }) => (weight === 0 ? 0 : clamp(known.get(key) ?? 0, total)));
  const excess = Math.trunc(sum(kept) / Math.max(1, after.length));
  return kept.map((credit) => credit - excess);
}

function clamp(credit: number, bound: number): number {
  return Math.max(-bound, Math.min(bound, credit));
}

function sum(values: readonly number[]): number {
  return values.reduce((left, right) => left + right, 0);
}
