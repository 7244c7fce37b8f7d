import type { Clock } from "../../base/ports.ts";
import { CLOSE_WORDS } from "./close-words.ts";
import type { Connections } from "./connections.ts";
import type { Relay, RelayEnd, RelayId } from "./relay.ts";

/** `close` says goodbye with a Close frame at the next frame boundary; `reset` cuts both peers off at once. */
export const WAYS_TO_CLOSE = ["close", "reset"] as const;

/** One of WAYS_TO_CLOSE. */
export type WayToClose = (typeof WAYS_TO_CLOSE)[number];

/** What closing one connection works with. */
export type CloseOneParts = {
  readonly relay: Pick<Relay, "requestClose" | "cut">;
  readonly connections: Connections;
  readonly clock: Clock;
};

/** After the close timeout the relay cuts: what is not over then is about to be. */
const MARGIN_MS = 1_000;
const MAX_WAIT_MS = 15_000;

/**
 * Ends one open connection because an administrator wants it, and resolves to its end; to null if it is not over within
 * its close timeout, or 15 s. The first cause of an end counts: one that is closing already keeps its own.
 */
export async function closeOne(parts: CloseOneParts, id: RelayId, how: WayToClose): Promise<RelayEnd | null> {
  const { relay, connections, clock } = parts;
  const connection = connections.get(id);
  if (connection === undefined) return null;
  const { closeMs } = connection;
  const { promise, resolve } = Promise.withResolvers<RelayEnd | null>();
  const unwatch = connections.watch({
    opened: () => {},
    ended: (end) => {
      if (end.id === id) resolve(end);
    },
  });
  const timer = clock.after(Math.min(closeMs + MARGIN_MS, MAX_WAIT_MS), () => resolve(null));
  connections.closing(id);
  if (how === "reset") relay.cut(id, "admin");
  else relay.requestClose(id, { cause: "admin", words: CLOSE_WORDS.admin, closeMs });
  try {
    return await promise;
  } finally {
    timer.stop();
    unwatch();
  }
}
