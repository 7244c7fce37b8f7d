import type { Cause } from "../../base/endings.ts";
import { drainWords } from "./close-words.ts";
import type { Connections } from "./connections.ts";
import type { Relay, RelayId } from "./relay.ts";

/** Says goodbye to a connection in its route's own drain words, and notes it; false if it has ended already. */
export function askToClose(
  { relay, connections }: { readonly relay: Pick<Relay, "requestClose">; readonly connections: Connections },
  id: RelayId,
  cause: Cause,
): boolean {
  const connection = connections.get(id);
  if (connection === undefined) return false;
  connections.closing(id);
  relay.requestClose(id, { cause, words: drainWords(connection.drain), closeMs: connection.closeMs });
  return true;
}
