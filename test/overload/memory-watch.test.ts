import { expect, test } from "vitest";
import type { Machine } from "../../src/base/machine.ts";
import type { LogFields } from "../../src/base/ports.ts";
import { LOOK_MS, watchMemory } from "../../src/overload/memory-watch.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

/** A watch over a heap of 100 bytes, and everything that it says and does. */
function watchHeap(): {
  readonly use: (usedBytes: number) => string;
  readonly lines: { readonly level: string; readonly fields: LogFields }[];
  readonly sheds: () => number;
  readonly stop: () => void;
  readonly pending: () => number;
} {
  const clock = createFakeClock();
  let usedBytes = 10;
  let sheds = 0;
  const lines: { level: string; fields: LogFields }[] = [];
  const line =
    (level: string) =>
    (fields: LogFields): void => {
      lines.push({ level, fields });
    };
  const machine: Machine = {
    readText: () => null,
    heap: () => ({ usedBytes, limitBytes: 100 }),
    residentBytes: () => 1,
    totalBytes: 1_000,
  };
  const log = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  const shed = (): void => {
    sheds += 1;
  };
  const watch = watchMemory({ machine, clock, log, shed });
  return {
    use: (bytes) => {
      usedBytes = bytes;
      clock.advance(LOOK_MS);
      return watch.level();
    },
    lines,
    sheds: () => sheds,
    stop: watch.stop,
    pending: clock.pending,
  };
}

test("Handshakes are refused from 85 %, connections closed from 95 %, and each ends lower than it began.", () => {
  const { use } = watchHeap();
  expect([84, 85, 81, 80, 79].map(use)).toEqual(["normal", "refusing", "refusing", "refusing", "normal"]);
  expect([94, 95, 91, 90, 89, 84, 79].map(use).join(" ")).toBe(
    "refusing shedding shedding shedding refusing refusing normal",
  );
  expect([96, 50].map(use)).toEqual(["shedding", "normal"]);
});

test("Something is shed when too much is used, again while more is used, and at every look near the end.", () => {
  const { use, sheds } = watchHeap();
  const counts = [50, 90, 96, 96, 97, 92, 96, 98, 98, 99, 50, 96].map((bytes) => {
    use(bytes);
    return sheds();
  });
  expect(counts).toEqual([0, 0, 1, 1, 2, 2, 2, 3, 4, 5, 5, 6]);
});

test("What connections may have queued is counted beyond 90 %, and nothing of the heap is.", () => {
  const clock = createFakeClock();
  const excess: number[] = [];
  let residentBytes = 970;
  const nothing = (): void => {};
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const machine: Machine = {
    readText: () => null,
    heap: () => ({ usedBytes: residentBytes === 0 ? 99 : 0, limitBytes: 100 }),
    residentBytes: () => residentBytes,
    totalBytes: 1_000,
  };
  watchMemory({ machine, clock, log, shed: (bytes) => excess.push(bytes) });
  residentBytes = 0;
  clock.advance(LOOK_MS);
  expect(excess).toEqual([70, 0]);
});

test("A change of level is one line, with what is short and how much of it is used; an emergency that goes on is not repeated.", () => {
  const { use, lines } = watchHeap();
  for (const bytes of [86, 87, 96, 97, 97, 50]) use(bytes);
  expect(lines.map(({ level, fields }) => [level, fields["pressure"], fields["source"], fields["percent"]])).toEqual([
    ["warn", "refusing", "heap", 86],
    ["warn", "shedding", "heap", 96],
    ["info", "normal", "heap", 50],
  ]);
});

test("A stopped watch looks no more.", () => {
  const { use, stop, pending } = watchHeap();
  stop();
  expect(pending()).toBe(0);
  expect(use(99)).toBe("normal");
});
