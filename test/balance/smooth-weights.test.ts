import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Credits, carryCredits, takeTurn, type Weighted } from "../../src/balance/smooth-weights.ts";

function run(
  weights: readonly number[],
  turns: number,
  from: Credits = [],
): { chosen: (number | null)[]; credits: Credits } {
  const chosen: (number | null)[] = [];
  let credits = from;
  for (let turn = 0; turn < turns; turn += 1) {
    const taken = takeTurn(weights, credits);
    chosen.push(taken.chosen);
    credits = taken.credits;
  }
  return { chosen, credits };
}

const count = (chosen: readonly (number | null)[], at: number): number => chosen.filter((each) => each === at).length;
const total = (weights: readonly number[]): number => weights.reduce((left, right) => left + right, 0);
const weightList = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 });

describe("turns", () => {
  test.each<[string, readonly number[], readonly (number | null)[]]>([
    ["one candidate gets them all", [3], [0, 0, 0]],
    ["equal weights alternate", [1, 1], [0, 1, 0, 1]],
    ["a heavy one is interrupted evenly", [5, 1, 1], [0, 0, 1, 0, 2, 0, 0]],
    ["weight 0 gets nothing", [0, 1], [1, 1, 1]],
    ["without any weight nobody is chosen", [0, 0], [null, null]],
    ["without candidates nobody is chosen", [], [null]],
  ])("%s", (_title, weights, expected) => {
    expect(run(weights, expected.length).chosen).toEqual(expected);
  });

  test("in a whole round everybody gets exactly its weight, and the round ends where it began", () => {
    fc.assert(
      fc.property(weightList, (weights) => {
        const { chosen, credits } = run(weights, total(weights));
        expect(weights.map((_, at) => count(chosen, at))).toEqual(weights);
        expect(credits.every((credit) => credit === 0)).toBe(true);
      }),
    );
  });

  test("nobody is ever a whole turn ahead of its share", () => {
    fc.assert(
      fc.property(weightList, fc.nat(60), (weights, turns) => {
        const sum = total(weights);
        fc.pre(sum > 0);
        const { chosen } = run(weights, turns);
        for (const [at, weight] of weights.entries()) {
          expect(count(chosen, at)).toBeLessThan((turns * weight) / sum + 1);
        }
      }),
    );
  });
});

describe("changed candidates", () => {
  const named = (weights: Readonly<Record<string, number>>): readonly Weighted[] =>
    Object.entries(weights).map(([key, weight]) => ({ key, weight }));

  test("nothing changes for those who stay as they were", () => {
    const { credits } = run([5, 1, 1], 3);
    const same = named({ a: 5, b: 1, c: 1 });
    expect(carryCredits(same, credits, same)).toEqual(credits);
  });

  test("a new order of the same candidates does not begin a new round", () => {
    const { credits } = run([1, 1, 1], 1);
    const turned = carryCredits(named({ a: 1, b: 1, c: 1 }), credits, named({ c: 1, b: 1, a: 1 }));
    expect(run([1, 1, 1], 2, turned).chosen).toEqual([0, 1]);
  });

  test("who joins does not get a burst, and who stays does not starve", () => {
    const { credits } = run([1, 1], 11);
    const joined = carryCredits(named({ a: 1, b: 1 }), credits, named({ a: 1, b: 1, c: 1 }));
    const { chosen } = run([1, 1, 1], 9, joined);
    expect([0, 1, 2].map((at) => count(chosen, at))).toEqual([3, 3, 3]);
  });

  test("over any history of changes, credits stay within the sum of weights and a few turns", () => {
    const change = fc.record({
      weights: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.integer({ min: 0, max: 50 }), { minKeys: 1 }),
      turns: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        let before: readonly Weighted[] = [];
        let credits: Credits = [];
        for (const { weights, turns } of changes) {
          const after = named(weights);
          credits = carryCredits(before, credits, after);
          ({ credits } = run(
            after.map(({ weight }) => weight),
            turns,
            credits,
          ));
          before = after;
          const sum = total(after.map(({ weight }) => weight));
          expect(Math.abs(total(credits))).toBeLessThanOrEqual(after.length);
          for (const credit of credits) expect(Math.abs(credit)).toBeLessThanOrEqual(sum * after.length + after.length);
        }
      }),
    );
  });
});
