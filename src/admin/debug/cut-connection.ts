import { parseChoice } from "../../config/parse-values.ts";
import { CLOSE_WORDS } from "../../proxy/relay/close-words.ts";
import type { RelayId } from "../../proxy/relay/relay.ts";
import { type DebugAnswer, failure, found } from "./debug-answer.ts";
import type { DebugSources } from "./debug-sources.ts";
import type { Param, ParamValues } from "./params.ts";

const WAYS = ["close", "reset"] as const;

/** The query of DELETE /debug/connections/ID. */
export const CUT_PARAMS: readonly Param[] = [
  {
    name: "how",
    meaning:
      "`close` says goodbye to both sides with a Close frame (1001) and ends what is left after the route's close timeout; `reset` ends both at once.",
    default: "close",
    parse: (text) => parseChoice(text, WAYS),
  },
];

/** Ends one WebSocket with the cause `admin`, and logs who asked. Its end is in the access log like every other. */
export function cutConnection(
  { connections, relay, log }: DebugSources,
  idText: string,
  values: ParamValues,
  askedBy: string,
): DebugAnswer {
  const id = Number(/^\d{1,15}$/.test(idText) ? idText : Number.NaN) as RelayId;
  const connection = connections.get(id);
  if (connection === undefined)
    return failure(404, `no open connection has the id ${JSON.stringify(idText.slice(0, 40))}`);
  const how = values.get("how") as (typeof WAYS)[number];
  const { head, closeMs } = connection;
  log.warn({ connection: id, id: head.id, how, askedBy }, "a connection is ended by an administrator");
  if (how === "reset") {
    relay.cut(id, "admin");
    return found({ id, requestId: head.id, how }, 202);
  }
  connections.closing(id);
  relay.requestClose(id, { cause: "admin", words: CLOSE_WORDS.admin, closeMs });
  return found({ id, requestId: head.id, how, withinSeconds: closeMs / 1_000 }, 202);
}
