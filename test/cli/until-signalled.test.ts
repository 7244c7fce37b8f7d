import { describe, expect, test } from "vitest";
import type { Surroundings } from "../../src/cli/surroundings.ts";
import { type Drainable, listenForSignals, untilSignalled } from "../../src/cli/until-signalled.ts";
import { makeSurroundings } from "../harness/run-in-place.ts";

type Stage = {
  readonly surroundings: Surroundings;
  readonly signal: () => void;
  readonly listeners: () => number;
};

function stage(): Stage {
  const listeners = new Set<(signal: string) => void>();
  const surroundings = makeSurroundings({
    onSignal: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  });
  const signal = (): void => {
    for (const listener of listeners) listener("SIGTERM");
  };
  return { surroundings, signal, listeners: () => listeners.size };
}

function drainable(drained: Promise<void>): { readonly app: Drainable; readonly calls: string[] } {
  const calls: string[] = [];
  const app: Drainable = {
    drain: () => {
      calls.push("drain");
      return drained;
    },
    stop: () => {
      calls.push("stop");
      return Promise.resolve();
    },
  };
  return { app, calls };
}

describe("until signalled", () => {
  test("does nothing before the first signal, then drains, stops and exits with 0", async () => {
    const { surroundings, signal, listeners } = stage();
    const { app, calls } = drainable(Promise.resolve());
    const exit = untilSignalled(app, listenForSignals(surroundings));
    await Promise.resolve();
    expect(calls).toEqual([]);
    signal();
    expect(await exit).toBe(0);
    expect(calls).toEqual(["drain", "stop"]);
    expect(listeners()).toBe(0);
  });

  test("does not wait for the drain after a second signal, and exits with 1", async () => {
    const { surroundings, signal } = stage();
    const { app, calls } = drainable(new Promise(() => {}));
    const exit = untilSignalled(app, listenForSignals(surroundings));
    signal();
    signal();
    expect(await exit).toBe(1);
    expect(calls).toEqual(["drain", "stop"]);
  });

  test("drains at once when the signal came before there was anything to drain", async () => {
    const { surroundings, signal } = stage();
    const { app, calls } = drainable(Promise.resolve());
    const signals = listenForSignals(surroundings);
    signal();
    expect(await untilSignalled(app, signals)).toBe(0);
    expect(calls).toEqual(["drain", "stop"]);
  });

  test("lets a third signal pass", async () => {
    const { surroundings, signal } = stage();
    const { app } = drainable(new Promise(() => {}));
    const exit = untilSignalled(app, listenForSignals(surroundings));
    for (const _ of [1, 2, 3]) signal();
    expect(await exit).toBe(1);
  });
});
