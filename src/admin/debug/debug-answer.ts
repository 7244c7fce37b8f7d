import type { ErrorCode } from "../../base/error-codes.ts";

/** What a page of /debug answers: a small JSON value, or JSON text piece by piece. */
export type DebugAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** An answer that went well. */
export function found(body: unknown, status = 200): DebugAnswer {
  return { status, headers: {}, body };
}

/** An answer that says by a stable code and in one sentence why there is nothing else. */
export function failure(status: number, code: ErrorCode, error: string): DebugAnswer {
  return { status, headers: {}, body: { code, error } };
}

/** What is written of a list between two turns of the event loop: so many items, or characters, whichever is sooner. */
const ITEMS_PER_PIECE = 50;
const CHARACTERS_PER_PIECE = 16_384;

/** `head` as a JSON object with one more member, a list that may be long. */
export async function* listPieces(
  head: Readonly<Record<string, unknown>>,
  name: string,
  items: Iterable<unknown>,
  turn: () => Promise<void>,
): AsyncGenerator<string, void> {
  const members = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${indent(value)},\n`);
  let piece = `{\n${members.join("")}  ${JSON.stringify(name)}: [`;
  let count = 0;
  for (const item of items) {
    piece += `${count === 0 ? "" : ","}\n    ${JSON.stringify(item)}`;
    count += 1;
    if (count % ITEMS_PER_PIECE !== 0 && piece.length < CHARACTERS_PER_PIECE) continue;
    yield piece;
    piece = "";
    await turn();
  }
  yield `${piece}${count === 0 ? "" : "\n  "}]\n}\n`;
}

function indent(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
}
