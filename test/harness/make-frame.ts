import type { Party } from "../../src/base/endings.ts";

/** A frame to be written byte for byte, also a wrong one. */
export type FrameRecipe = {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  readonly fin?: boolean;
  readonly rsv?: number;
  /** The masking key; null for none. By default a client's frame has one. */
  readonly key?: readonly number[] | null;
  /** The form of the length; by default the shortest. */
  readonly form?: 0 | 2 | 8;
  /** A length that is claimed instead of the payload's own. */
  readonly claim?: bigint;
};

/** The bytes of a frame from `from`. */
export function makeFrame(from: Party, recipe: FrameRecipe): Uint8Array {
  const { opcode, fin = true, rsv = 0, payload = "", key = defaultKey(from) } = recipe;
  const body = Buffer.from(payload);
  const [short, ...extended] = lengthBytes(recipe.claim ?? BigInt(body.length), recipe.form);
  return Uint8Array.from([
    (fin ? 0x80 : 0) | (rsv << 4) | opcode,
    (key ? 0x80 : 0) | (short ?? 0),
    ...extended,
    ...(key ?? []),
    ...body.map((byte, index) => byte ^ (key?.[index % 4] ?? 0)),
  ]);
}

function lengthBytes(length: bigint, form: FrameRecipe["form"] = shortestForm(length)): readonly number[] {
  if (form === 0) return [Number(length)];
  return [
    form === 2 ? 126 : 127,
    ...Array.from({ length: form }, (_, at) => Number((length >> BigInt(8 * (form - 1 - at))) & 255n)),
  ];
}

function defaultKey(from: Party): FrameRecipe["key"] {
  return from === "client" ? [1, 2, 3, 4] : null;
}

function shortestForm(length: bigint): 0 | 2 | 8 {
  if (length < 126n) return 0;
  return length < 65536n ? 2 : 8;
}

/** Several frames in a row. */
export function makeStream(from: Party, recipes: readonly FrameRecipe[]): Uint8Array {
  return Buffer.concat(recipes.map((recipe) => makeFrame(from, recipe)));
}
