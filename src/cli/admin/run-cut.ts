import { CUT_PARAMS } from "../../admin/debug/cut-connection.ts";
import type { RelayEnd } from "../../proxy/relay/relay.ts";
import type { Invocation } from "../command.ts";
import { mistakesOf, UsageError } from "../complain.ts";
import { escapeText } from "../escape-text.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Printable, printResult } from "../output.ts";
import { showDuration } from "../show-duration.ts";
import type { Surroundings } from "../surroundings.ts";
import { readQuestion } from "./admin-flags.ts";
import { askAdmin } from "./ask-admin.ts";

/** What DELETE /debug/connections/ID answers. */
type Answer = {
  readonly id: number;
  readonly requestId: string;
  readonly end: (Pick<RelayEnd, "cause" | "by" | "clean" | "sides"> & { readonly durationSeconds: number }) | null;
};

/** `fairlead cut ID`: ends one WebSocket of a replica. Resolves to the exit code: 1 if it has not ended in time. */
export async function runCut({ operands, flags, format }: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const [id = ""] = operands;
  const read = readQuestion(flags, CUT_PARAMS);
  const isId = /^\d{1,15}$/.test(id);
  const errors = [
    ...(isId ? [] : ["ID: expected an id that fairlead connections lists"]),
    ...(read.ok ? [] : read.errors),
  ];
  if (!read.ok || !isId) throw new UsageError(mistakesOf("InvalidArgument", errors));
  // A DELETE is sent to nobody but Fairlead: a wrong address may be that of a backend.
  await askAdmin({
    target: read.target,
    query: new URLSearchParams(),
    method: "GET",
    path: "/debug",
    expects: "pages",
  });
  const path = `/debug/connections/${id}`;
  const { body } = await askAdmin({ ...read, method: "DELETE", path, expects: "requestId" });
  const answer = body as Answer;
  surroundings.write(printResult(format, body as Printable, () => `${describe(answer)}\n`));
  return answer.end === null ? 1 : 0;
}

function describe({ id, requestId, end }: Answer): string {
  const which = `connection ${id} (${escapeText(requestId, 128)})`;
  if (end === null) return `${which} was asked to close, and has not ended within its close timeout`;
  const { cause, by, clean, durationSeconds, sides } = end;
  const code = sides.client.sent === null ? "" : `, Close ${sides.client.sent.code} to the client`;
  const lived = showDuration(Math.floor(durationSeconds) * 1_000);
  return `${which} ended after ${lived}: ${cause}, by ${by}, ${clean ? "clean" : "not clean"}${code}`;
}
