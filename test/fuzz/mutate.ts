import * as fc from "fast-check";

/** One change of some bytes. Places are fractions of the length, in 65 536ths, so that they fit any input. */
type Edit =
  | { readonly type: "delete" | "repeat"; readonly from: number; readonly to: number }
  | { readonly type: "insert" | "overwrite"; readonly from: number; readonly bytes: Uint8Array }
  | { readonly type: "splice"; readonly from: number; readonly other: number; readonly otherFrom: number };

/** How to make an input from those of a pool; it shrinks to fewer edits. */
export type Recipe = { readonly base: number; readonly edits: readonly Edit[] };

const FRACTION = 65_536;
const MAX_EDITS = 6;

const place = fc.nat(FRACTION - 1);
const interesting = fc
  .constantFrom(0, 1, 9, 10, 13, 32, 58, 125, 126, 127, 128, 254, 255)
  .map((byte) => Uint8Array.of(byte));
const noise = fc.uint8Array({ minLength: 1, maxLength: 8 });

/** Recipes over a pool of so many inputs. */
export function recipes(poolSize: number, dictionary: readonly string[]): fc.Arbitrary<Recipe> {
  const word = fc.constantFrom(...dictionary).map((text) => new Uint8Array(Buffer.from(text, "latin1")));
  const bytes = fc.oneof({ weight: 3, arbitrary: word }, { weight: 2, arbitrary: interesting }, noise);
  const pooled = fc.nat(poolSize - 1);
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({ type: fc.constantFrom("delete" as const, "repeat" as const), from: place, to: place }),
    fc.record({ type: fc.constantFrom("insert" as const, "overwrite" as const), from: place, bytes }),
    fc.record({ type: fc.constant("splice" as const), from: place, other: pooled, otherFrom: place }),
  );
  return fc.record({ base: pooled, edits: fc.array(edit, { maxLength: MAX_EDITS }) });
}

/** The input that a recipe makes. */
export function cook(recipe: Recipe, pool: readonly Uint8Array[], maxBytes: number): Uint8Array {
  let bytes = pool[recipe.base] ?? new Uint8Array();
  for (const edit of recipe.edits) bytes = apply(edit, bytes, pool).subarray(0, maxBytes);
  return bytes;
}

function apply(edit: Edit, bytes: Uint8Array, pool: readonly Uint8Array[]): Uint8Array {
  const from = at(edit.from, bytes);
  switch (edit.type) {
    case "delete":
      return join(bytes.subarray(0, from), bytes.subarray(Math.max(from, at(edit.to, bytes))));
    case "repeat":
      return join(bytes.subarray(0, Math.max(from, at(edit.to, bytes))), bytes.subarray(from));
    case "insert":
      return join(bytes.subarray(0, from), edit.bytes, bytes.subarray(from));
    case "overwrite":
      return join(bytes.subarray(0, from), edit.bytes, bytes.subarray(from + edit.bytes.length));
    case "splice": {
      const other = pool[edit.other] ?? new Uint8Array();
      return join(bytes.subarray(0, from), other.subarray(at(edit.otherFrom, other)));
    }
    default:
      return edit satisfies never;
  }
}

function at(fraction: number, bytes: Uint8Array): number {
  return Math.floor((fraction / FRACTION) * (bytes.length + 1));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
