import type { Clock } from "../../base/ports.ts";
import { askToClose } from "./ask-to-close.ts";
import { type CloseTurn, createCloseTurns, spreadEvenly } from "./close-turns.ts";
import type { Connections } from "./connections.ts";
import type { Relay, RelayId } from "./relay.ts";

/** What a drain works with; `random` is from 0 to below 1. */
export type DrainParts = {
  readonly relay: Pick<Relay, "inspect" | "requestClose">;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly random: () => number;
  /** Resolves when no handshake is in flight any more: until then there may be another connection to say goodbye to. */
  readonly handshakesOver: Promise<void>;
};

/** How long a drain may take, in ms from its start. */
export type DrainTimes = {
  /** What a route's window and close timeout must fit into; a longer window is cut down to that. */
  readonly maxDrainMs: number;
  /** When to give up on what is still open. */
  readonly deadlineMs: number;
};

/** What came of a drain. */
export type DrainOutcome = {
  /** Connections that were told to close, also those that were opened meanwhile. */
  readonly asked: number;
  readonly ended: number;
  /** Of the ended, those that lost bytes or had to be cut. */
  readonly unclean: number;
  /** Still open at the deadline. */
  readonly left: number;
};

/** Which connections are idle is worth waiting for, but not for long. */
const INSPECT_MS = 1000;

/**
 * Says goodbye to every connection with a Close frame, spread over each route's window, the idle ones first; what is
 * opened meanwhile is told at once. Resolves when all have ended and none is to come, or the deadline has come; never rejects.
 */
export async function drain(parts: DrainParts, times: DrainTimes): Promise<DrainOutcome> {
  const { clock, connections } = parts;
  const startMs = clock.monotonicMs();
  const quietMs = await quietTimes(parts, Math.min(INSPECT_MS, times.deadlineMs));
  let [asked, ended, unclean] = [0, 0, 0];
  const close = (id: RelayId): void => {
    if (askToClose(parts, id, "drain")) asked += 1;
  };
  const turns = createCloseTurns(clock, close);
  return await new Promise((resolve) => {
    let moreToCome = true;
    const finishIfOver = (): void => {
      if (!moreToCome && connections.counts().open === 0) finish();
    };
    const finish = (): void => {
      unwatch();
      deadline.stop();
      turns.stop();
      resolve({ asked, ended, unclean, left: connections.counts().open });
    };
    const unwatch = connections.watch({
      opened: close,
      ended: (end) => {
        ended += 1;
        if (!end.clean) unclean += 1;
        finishIfOver();
      },
    });
    const deadline = clock.after(Math.max(0, startMs + times.deadlineMs - clock.monotonicMs()), finish);
    turns.plan(planTurns(parts, times.maxDrainMs, quietMs));
    const onHandshakesOver = (): void => {
      moreToCome = false;
      finishIfOver();
    };
    parts.handshakesOver.then(() => onHandshakesOver(), finish);
  });
}

function planTurns(
  { connections, clock, random }: DrainParts,
  maxDrainMs: number,
  quietMs: ReadonlyMap<RelayId, number>,
): readonly CloseTurn[] {
  const startMs = clock.monotonicMs();
  const byQuiet = [...connections.entries()].sort(([one], [other]) => {
    return (quietMs.get(other) ?? 0) - (quietMs.get(one) ?? 0);
  });
  const byWindow = Map.groupBy(
    byQuiet,
    ([
      ,
      {
        drain: { windowMs },
        closeMs,
      },
    ]) => {
      return Math.min(windowMs, Math.max(0, maxDrainMs - closeMs));
    },
  );
  return [...byWindow].flatMap(([windowMs, group]) => {
    return spreadEvenly(
      group.map(([id]) => id),
      { startMs, windowMs },
      random,
    );
  });
}

/** For how long each connection has been quiet; empty if the relay does not say so in time. */
async function quietTimes({ relay, clock }: DrainParts, withinMs: number): Promise<ReadonlyMap<RelayId, number>> {
  return await new Promise((resolve) => {
    const timer = clock.after(withinMs, () => resolve(new Map()));
    const settle = (quietMs: ReadonlyMap<RelayId, number>): void => {
      timer.stop();
      resolve(quietMs);
    };
    relay.inspect("all").then(
      (live) => settle(new Map(live.map(({ id, quietMs }) => [id, quietMs]))),
      () => settle(new Map()),
    );
  });
}
