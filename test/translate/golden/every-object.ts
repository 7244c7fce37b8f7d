import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { View } from "../../../src/api/view.ts";
import { CLUSTER_OPTIONS, readInput } from "./read-input.ts";

const FOLDER = import.meta.dirname;

/** What each golden begins with. */
export const INPUTS = globSync("*/*.in.yaml", { cwd: FOLDER })
  .toSorted()
  .map((input) => readInput(readFileSync(join(FOLDER, input), "utf8")));

const VIEWS = INPUTS.map(({ view }) => view);

/** The lists of a view. */
export const LISTS = Object.keys(VIEWS[0]!) as (keyof View)[];

/** The objects of all goldens at once: they share names, hosts and paths, so that every tie and conflict occurs. */
export const EVERY_OBJECT = Object.fromEntries(
  LISTS.map((list) => [list, VIEWS.flatMap((view) => [...view[list]])]),
) as unknown as View;

/** Options under which nothing that a golden does is forbidden. */
export const OPTIONS = { ...CLUSTER_OPTIONS, standaloneEndpoints: true, allowLoopbackEndpoints: true };

/** Some of the objects of all goldens, in any order. */
export const someView: fc.Arbitrary<View> = fc
  .record(Object.fromEntries(LISTS.map((list) => [list, fc.shuffledSubarray([...EVERY_OBJECT[list]] as unknown[])])))
  .map((lists) => lists as unknown as View);

/** Chooses what a corrupted value is: a leaf is replaced where `next` gives 0. */
export type Corruption = {
  readonly next: () => number;
  readonly text: () => string;
  readonly number: () => number;
};

/** The same value with some leaves replaced by others of the same type; kinds stay. */
export function corrupt(value: unknown, gen: Corruption): unknown {
  if (Array.isArray(value)) return value.map((item) => corrupt(item, gen));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, key === "kind" ? item : corrupt(item, gen)] as const,
    );
    return Object.fromEntries(entries);
  }
  if (gen.next() > 0) return value;
  if (typeof value === "string") return gen.text();
  return typeof value === "number" ? gen.number() : value;
}
