import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { Clock } from "../base/ports.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiFailure } from "./api-failure.ts";
import { type RawObject, readPage } from "./raw-object.ts";

const PAGE_SIZE = 500;

/** A quarter of a million objects of one kind. */
const MAX_PAGES = 500;

/** Connections are served on the same thread: after this much judging it is their turn. */
const SLICE_MS = 5;

/** What is needed to read a list. */
export type ListParts = {
  readonly client: Pick<ApiClient, "get">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/**
 * Reads a list page by page and hands each object on; resolves to the resourceVersion that a watch goes on from. Rejects
 * with an ApiFailure as soon as one page cannot be read: what was handed on is then not the whole.
 */
export async function listObjects(path: string, parts: ListParts, add: (raw: RawObject) => void): Promise<string> {
  let next: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const query: string = next === null ? "" : `&continue=${encodeURIComponent(next)}`;
    const page = readPage(await parts.client.get(`${path}?limit=${PAGE_SIZE}${query}`, parts.signal));
    await addInSlices(page.items, parts, add);
    if (page.next === null) return page.version;
    next = page.next;
  }
  throw new ApiFailure("oversized", `there are more than ${MAX_PAGES * PAGE_SIZE} objects`);
}

async function addInSlices(
  items: readonly RawObject[],
  { clock, signal }: ListParts,
  add: (raw: RawObject) => void,
): Promise<void> {
  let sliceMs = clock.monotonicMs();
  for (const raw of items) {
    if (clock.monotonicMs() - sliceMs >= SLICE_MS) {
      await yieldToEventLoop();
      signal.throwIfAborted();
      sliceMs = clock.monotonicMs();
    }
    add(raw);
  }
}
