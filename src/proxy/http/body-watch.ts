import type { Clock } from "../../base/ports.ts";
import { watchQuiet } from "./deadlines.ts";
import type { Pump } from "./pump-body.ts";

/** How long bodies may stand still; 0 for idle is for ever. */
export type BodyLimits = {
  /** No byte of either body moved. */
  readonly idleMs: number;
  /** The client neither sent the next byte of its request nor took the next byte of its answer. */
  readonly stallMs: number;
};

/** Watches the bodies of one exchange. */
export type BodyWatch = {
  /** A byte moved. */
  readonly touch: () => void;
  readonly sending: (pump: Pump) => void;
  readonly answering: (pump: Pump) => void;
  readonly stop: () => void;
};

/** Who stopped: the one that is waited for. `answer` once the response head is written, when nobody can be told any more. */
export type Stalled = "client" | "backend" | "answer";

/** Watches bodies until stopped. Between the end of the request and the response head nothing is watched: that is the budget's time. */
export function createBodyWatch(clock: Clock, limits: BodyLimits, stalled: (who: Stalled) => void): BodyWatch {
  let request: Pump | null = null;
  let answer: Pump | null = null;

  const judge = (idle: boolean): void => {
    if (answer !== null) {
      if (idle || answer.waitingFor() === "sink") stalled("answer");
      return;
    }
    const waitingFor = request?.waitingFor() ?? "nobody";
    if (waitingFor !== "nobody") stalled(waitingFor === "source" ? "client" : "backend");
  };
  const watches = [
    watchQuiet(clock, limits.idleMs, () => judge(true)),
    watchQuiet(clock, limits.stallMs, () => judge(false)),
  ];
  const touch = (): void => {
    for (const watch of watches) watch.touch();
  };

  return {
    touch,
    sending: (pump) => {
      request = pump;
      touch();
    },
    answering: (pump) => {
      answer = pump;
      touch();
    },
    stop: () => {
      for (const watch of watches) watch.stop();
    },
  };
}
