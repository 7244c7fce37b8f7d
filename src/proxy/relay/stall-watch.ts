import type { Outlet } from "./outlet.ts";

/** How often a peer that has bytes waiting is looked at within stallMs. */
const LOOKS = 4;

/** Whether one peer accepts what waits for it. */
export type StallWatch = { readonly stallMs: number; progress: number; sinceMs: number };

export function createStallWatch(stallMs: number): StallWatch {
  return { stallMs, progress: -1, sinceMs: 0 };
}

/** True when bytes waited for stallMs of which the peer accepted not one. */
export function isStalled(watch: StallWatch, outlet: Outlet, nowMs: number): boolean {
  if (outlet.waitingBytes === 0) {
    watch.progress = -1;
    return false;
  }
  const { progress } = outlet;
  if (progress !== watch.progress) {
    watch.progress = progress;
    watch.sinceMs = nowMs;
  }
  return watch.stallMs > 0 && nowMs - watch.sinceMs >= watch.stallMs;
}

/** When `isStalled` should be asked again, in monotonic ms. */
export function stallDueMs({ stallMs, progress, sinceMs }: StallWatch, nowMs: number): number {
  if (stallMs === 0) return Number.POSITIVE_INFINITY;
  const soonMs = nowMs + stallMs / LOOKS;
  return progress === -1 ? soonMs : Math.min(soonMs, sinceMs + stallMs);
}
