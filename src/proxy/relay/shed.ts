import type { Clock } from "../../base/ports.ts";
import { createCloseTurns, spreadEvenly } from "./close-turns.ts";
import { CLOSE_WORDS } from "./close-words.ts";
import type { Connections } from "./connections.ts";
import type { Relay, RelayId, RelayLive } from "./relay.ts";

/** What shedding works with; `random` is from 0 to below 1. */
export type ShedParts = {
  readonly relay: Pick<Relay, "inspect" | "requestClose">;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Closes connections so that the others can stay. */
export type Shedder = {
  /**
   * Tells one in twenty connections, and one at least, to try again later (1013), spread over `windowMs`: those for which
   * the most bytes wait first, then those that have been quiet for longest. Does nothing while it is about it already.
   */
  readonly shed: (windowMs: number) => void;
  readonly stop: () => void;
};

/** Looking at all of 100 000 connections would cost more memory than closing some gives back. */
const MAX_LOOKED_AT = 1_000;
const SHARE = 0.05;
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
  const plan = (looks: readonly RelayLive[], windowMs: number): void => {
    const dearest = looks.toSorted((one, other) => queued(other) - queued(one) || other.quietMs - one.quietMs);
    const count = Math.max(1, Math.ceil(connections.counts().open * SHARE));
    const ids = dearest.slice(0, count).map(({ id }) => id);
    turns.plan(spreadEvenly(ids, { startMs: clock.monotonicMs(), windowMs }, random));
  };
  return {
    shed: (windowMs) => {
      if (turns.size() > 0) return;
      // It never rejects; and if it did, the next look at memory would find as much to do.
      relay.inspect(sample(connections, random)).then(
        (looks) => plan(looks, windowMs),
        () => {},
      );
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
