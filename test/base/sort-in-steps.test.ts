import * as fc from "fast-check";
import { expect, it } from "vitest";
import { sortInSteps } from "../../src/base/sort-in-steps.ts";
import { finish } from "../../src/base/work.ts";

type Item = { readonly rank: number };

const byRank = (a: Item, b: Item): number => a.rank - b.rank;
const items = fc
  .uniqueArray(fc.nat({ max: 5_000 }), { maxLength: 700 })
  .map((ranks) => ranks.map((rank) => ({ rank })));

it("sorts like Array.prototype.toSorted, whatever part of it was sorted before", () => {
  fc.assert(
    fc.property(items, fc.func(fc.boolean()), fc.func(fc.boolean()), (all, wasThere, isThere) => {
      const before = finish(sortInSteps(all.filter(wasThere), byRank));
      const now = all.filter(isThere);
      expect(finish(sortInSteps(now, byRank, before))).toEqual(now.toSorted(byRank));
    }),
  );
});

it("gives back the very list from before if nothing has changed, and another if anything has", () => {
  const list = [{ rank: 2 }, { rank: 1 }, { rank: 3 }];
  const before = finish(sortInSteps(list, byRank));
  expect(finish(sortInSteps(list.toReversed(), byRank, before))).toBe(before);
  expect(finish(sortInSteps(list.slice(1), byRank, before))).toEqual([{ rank: 1 }, { rank: 3 }]);
  expect(finish(sortInSteps([], byRank, before))).toEqual([]);
  expect(finish(sortInSteps([...list, ...list], byRank, before))).toBe(before);
});

it("takes small steps, also through a long list that is new", () => {
  const list = Array.from({ length: 10_000 }, (_, index) => ({ rank: (index * 7_919) % 10_007 }));
  let compared = 0;
  let most = 0;
  const work = sortInSteps(list, (a, b) => {
    compared += 1;
    return byRank(a, b);
  });
  for (let step = work.next(); step.done !== true; step = work.next()) {
    most = Math.max(most, compared);
    compared = 0;
  }
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(3_000);
});
