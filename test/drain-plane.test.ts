import { describe, expect, test } from "vitest";
import { type Draining, drainPlane, maxDrainMs } from "../src/drain-plane.ts";
import { createConnections } from "../src/proxy/relay/connections.ts";
import { createFakeClock, type FakeClock } from "./harness/fake-clock.ts";

type Stage = {
  readonly clock: FakeClock;
  readonly events: string[];
  readonly done: Promise<void>;
  readonly answer: () => void;
};

function startDrain(config: Draining["config"], requests: number): Stage {
  const clock = createFakeClock();
  const events: string[] = [];
  let open = requests;
  const note = (event: string) => (): void => void events.push(`${clock.monotonicMs()} ${event}`);
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const done = drainPlane({
    config,
    plane: {
      relay: { inspect: () => Promise.resolve([]), requestClose: () => {} } as unknown as Draining["plane"]["relay"],
      connections: createConnections(10, () => {}),
      reJudge: { swapped: () => {}, stop: note("re-judge stops") },
      setPhase: (phase) => note(phase)(),
      inFlight: () => ({ handshakes: 0, requests: open }),
    },
    listeners: [{ refuseReuse: note("refuse reuse"), stopAccepting: note("stop accepting") }],
    ports: { clock, log, random: () => 0.5 },
  }).then(note("drained"));
  return {
    clock,
    events,
    done,
    answer: () => {
      open -= 1;
    },
  };
}

/** Lets promises run between the steps of a fake clock. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 50) {
    clock.advance(50);
    await new Promise(setImmediate);
  }
}

describe("draining", () => {
  test("goes on accepting for the propagation delay, and then stops", async () => {
    const { clock, events, done } = startDrain({ propagationDelayMs: 1_000, gracePeriodMs: 30_000 }, 0);
    await pass(clock, 950);
    expect(events).toEqual(["0 draining", "0 refuse reuse"]);
    await pass(clock, 100);
    await done;
    expect(events.slice(2, 5)).toEqual(["1000 refusing", "1000 re-judge stops", "1000 stop accepting"]);
    expect(events.at(-1)).toMatch(/drained$/);
  });

  test("waits for a plain request that is being answered", async () => {
    const { clock, events, done, answer } = startDrain({ propagationDelayMs: 0, gracePeriodMs: 30_000 }, 1);
    await pass(clock, 5_000);
    expect(events.at(-1)).toBe("50 stop accepting");
    answer();
    await pass(clock, 100);
    await done;
    expect(events.at(-1)).toBe("5050 drained");
  });

  test("is over before the grace period is, whatever is left", async () => {
    const { clock, events, done } = startDrain({ propagationDelayMs: 0, gracePeriodMs: 10_000 }, 1);
    await pass(clock, 8_100);
    await done;
    expect(events.at(-1)).toBe("8000 drained");
  });
});

test.each([
  [5_000, 90_000, 83_000],
  [0, 20_000, 18_000],
  [5_000, 7_000, 0],
])("with %i ms of propagation and %i ms of grace there are %i ms for goodbyes", (delay, grace, window) => {
  expect(maxDrainMs({ propagationDelayMs: delay, gracePeriodMs: grace })).toBe(window);
});
