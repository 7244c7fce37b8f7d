import { MAX_CONTROL_FRAME_BYTES } from "./frame-header.ts";
import type { FrameRules } from "./frame-rules.ts";

/** Where the numbers of one cursor are, counted from its base. Float64: exact up to 2^53. */
export const CELL = {
  /** Bytes in the hold: a part of a header, or of a control frame. */
  held: 0,
  /** Payload bytes of the current data frame that are still to come. */
  left: 1,
  /** Whether a fragmented message is open: 1 or 0. */
  open: 2,
  messageBytes: 3,
  fragments: 4,
  /** PHASE. */
  phase: 5,
  /** Index into VIOLATIONS. */
  breach: 6,
  frames: 7,
  messages: 8,
  /** When the allowance of messages, or control frames, would be used up to now (GCRA); monotonic ms. */
  messagesAt: 9,
  controlsAt: 10,
} as const;

/** `open` follows frames; `breached` has a violation to report; `over` discards: a Close or a violation was reported. */
export const PHASE = { open: 0, breached: 1, over: 2 } as const;

const CELLS = 11;
const HOLD = MAX_CONTROL_FRAME_BYTES;

/** The place of one direction in its page. Numbers only are written after it was opened. */
export type FrameCursor = {
  readonly rules: FrameRules;
  readonly cells: Float64Array;
  readonly base: number;
  readonly hold: Uint8Array;
  readonly holdBase: number;
};

/** Hands out cursors and takes them back. Memory grows by a page at a time and is used again, never returned. */
export type CursorPages = {
  /** A cursor at the start of a stream; one for each direction. */
  readonly open: (rules: FrameRules) => FrameCursor;
  /** Gives a cursor's place to the next; the cursor must not be used again. */
  readonly close: (cursor: FrameCursor) => void;
  /** Cursors open now, and places that exist. */
  readonly size: () => { readonly open: number; readonly places: number };
};

type Page = { readonly cells: Float64Array; readonly hold: Uint8Array };
type Place = { readonly page: Page; readonly slot: number };

/** An empty store; `perPage` cursors are allocated at a time, 219 bytes each. */
export function createCursorPages(perPage = 256): CursorPages {
  const free: Place[] = [];
  let places = 0;
  const grow = (): void => {
    const page = { cells: new Float64Array(perPage * CELLS), hold: new Uint8Array(perPage * HOLD) };
    for (let slot = perPage - 1; slot >= 0; slot -= 1) free.push({ page, slot });
    places += perPage;
  };
  return {
    open: (rules) => {
      if (free.length === 0) grow();
      const place = free.pop();
      if (place === undefined) throw new RangeError("a page holds at least one cursor");
      const { cells, hold } = place.page;
      return { rules, cells, base: place.slot * CELLS, hold, holdBase: place.slot * HOLD };
    },
    close: ({ cells, base, hold, holdBase }) => {
      cells.fill(0, base, base + CELLS);
      hold.fill(0, holdBase, holdBase + HOLD);
      free.push({ page: { cells, hold }, slot: base / CELLS });
    },
    size: () => ({ open: places - free.length, places }),
  };
}
