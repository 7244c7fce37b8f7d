import { closeOne, WAYS_TO_CLOSE, type WayToClose } from "../../proxy/relay/close-one.ts";
import type { RelayEnd, RelayId } from "../../proxy/relay/relay.ts";
import { type DebugAnswer, failure, found } from "./debug-answer.ts";
import type { DebugSources } from "./debug-sources.ts";
import { choice, filter, type Param, type ParamValues } from "./params.ts";

/** The query of DELETE /debug/connections/ID. */
export const CUT_PARAMS: readonly Param[] = [
  choice(
    "how",
    WAYS_TO_CLOSE,
    "`close` says goodbye to both sides with a Close frame (1001) and ends what is left after the route's close timeout; `reset` ends both at once.",
    "close",
  ),
  filter(
    "request-id",
    "ID",
    "Only if the connection has this request id, else 409: ids begin anew when a replica restarts, and each replica has its own.",
  ),
];

/** Ends one WebSocket with the cause `admin`, and says how it ended. Who asked is logged before; the end is in the access log like every other. */
export async function cutConnection(
  sources: DebugSources,
  idText: string,
  values: ParamValues,
  askedBy: string,
): Promise<DebugAnswer> {
  const id = Number(/^\d{1,15}$/.test(idText) ? idText : Number.NaN) as RelayId;
  const head = sources.connections.get(id)?.head;
  if (head === undefined) {
    return failure(404, "ConnectionNotFound", `no open connection has the id ${JSON.stringify(idText.slice(0, 40))}`);
  }
  if ((values.get("request-id") ?? head.id) !== head.id) {
    return failure(
      409,
      "RequestIdMismatch",
      `the connection ${id} has another request id: it is not the one that was meant`,
    );
  }
  const how = values.get("how") as WayToClose;
  sources.log.warn({ connection: id, id: head.id, how, askedBy }, "a connection is ended by an administrator");
  const end = await closeOne(sources, id, how);
  return found({ id, requestId: head.id, how, end: end === null ? null : describeEnd(end) }, end === null ? 202 : 200);
}

function describeEnd({ cause, by, clean, durationMs, sides }: RelayEnd): unknown {
  return { cause, by, clean, durationSeconds: durationMs / 1_000, sides };
}
