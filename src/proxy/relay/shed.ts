import type { Clock } from "../../base/ports.ts";
import { createCloseTurns, spreadEvenly } from "./close-turns.ts";
import { CLOSE_WORDS } from "./close-words.ts";
import type { Connections } from "./connections.ts";
import type { Relay, RelayId, RelayLive } from "./relay.ts";

/** What shedding works with; `random` is from 0 to below 1. */
export type ShedParts = {
  readonly relay: Pick<Relay, "inspect" | "requestClose" | "cut">;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Closes connections so that the others can stay. */
export type Shedder = {
  /**
   * Cuts the connections for which the most bytes wait, until `excessBytes` are let go: who does not read would not read a Close
   * either. Besides, it tells one in fifty, and one at least, to try again later (1013), those first that have been quiet for
   * longest, spread over half a second. Does nothing while it is about it already.
   */
  readonly shed: (excessBytes: number) => void;
  readonly stop: () => void;
};

/** Looking at all of 100 000 connections would cost more memory than closing some gives back. */
const MAX_LOOKED_AT = 1_000;
const SHARE = 0.02;
const WINDOW_MS = 500;
/** Who does not answer a goodbye in this time is cut. */
const CLOSE_MS = 2_000;

/** Sheds on behalf of one registry. */
export function createShedder({ relay, connections, clock, random }: ShedParts): Shedder {
  const turns = createCloseTurns(clock, (id) => {
    const connection = connections.get(id);
    if (connection === undefined) return;
    connections.closing(id);
    const closeMs = Math.min(CLOSE_MS, connection.closeMs);
    relay.requestClose(id, { cause: "shed", words: CLOSE_WORDS.shed, closeMs });
  });
  const cutQueued = (looks: readonly RelayLive[], excessBytes: number): void => {
    let left = excessBytes;
    for (const live of looks.toSorted((one, other) => queued(other) - queued(one))) {
      if (left <= 0 || queued(live) === 0) return;
      left -= queued(live);
      connections.closing(live.id);
      relay.cut(live.id, "shed");
    }
  };
  const sayGoodbyes = (looks: readonly RelayLive[]): void => {
    const count = Math.max(1, Math.ceil(connections.counts().open * SHARE));
    const ids = looks.toSorted((one, other) => other.quietMs - one.quietMs).map(({ id }) => id);
    const quietest = ids.filter((id) => !connections.isClosing(id)).slice(0, count);
    turns.plan(spreadEvenly(quietest, { startMs: clock.monotonicMs(), windowMs: WINDOW_MS }, random));
  };
  let looking = false;
  return {
    shed: (excessBytes) => {
      if (looking) return;
      looking = true;
      const act = (looks: readonly RelayLive[]): void => {
        looking = false;
        cutQueued(looks, excessBytes);
        if (turns.size() === 0) sayGoodbyes(looks);
      };
      // It never rejects; and if it did, the next look at memory would find as much to do.
      relay.inspect(sample(connections, random)).then(act, () => act([]));
    },
    stop: turns.stop,
  };
}

/** All that are not closing already, or some of them, each as likely as any other. */
function sample(connections: Connections, random: () => number): readonly RelayId[] {
  const { open, closing } = connections.counts();
  const chance = MAX_LOOKED_AT / Math.max(1, open - closing);
  const ids: RelayId[] = [];
  for (const [id] of connections.entries()) {
    if (!connections.isClosing(id) && (chance >= 1 || random() < chance)) ids.push(id);
  }
  return ids;
}

function queued({ from }: RelayLive): number {
  return from.client.queuedBytes + from.backend.queuedBytes;
}
