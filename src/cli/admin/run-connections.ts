import { CONNECTION_PARAMS } from "../../admin/debug/connection-filter.ts";
import type { ConnectionRow } from "../../admin/debug/connection-row.ts";
import type { Invocation } from "../command.ts";
import { mistakesOf, UsageError } from "../complain.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Printable, printResult } from "../output.ts";
import { showDuration } from "../show-duration.ts";
import type { Surroundings } from "../surroundings.ts";
import { readQuestion } from "./admin-flags.ts";
import { askAdmin } from "./ask-admin.ts";
import { printColumns } from "./print-columns.ts";

/** What /debug/connections answers. */
type Answer = { readonly open: number; readonly matched: number; readonly connections: readonly ConnectionRow[] };

const TITLES = ["ID", "STATE", "CLIENT", "ROUTE", "ENDPOINT", "AGE", "QUIET", "MESSAGES", "BYTES", "QUEUED"];

/** `fairlead connections`: the WebSockets that are open on a replica. Resolves to the exit code. */
export async function runConnections({ flags, format }: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const read = readQuestion(flags, CONNECTION_PARAMS);
  if (!read.ok) throw new UsageError(mistakesOf("InvalidArgument", read.errors));
  const { body } = await askAdmin({ ...read, method: "GET", path: "/debug/connections", expects: "connections" });
  const answer = body as Answer;
  surroundings.write(printResult(format, body as Printable, () => printForPeople(answer)));
  return 0;
}

function printForPeople({ open, matched, connections }: Answer): string {
  const shown = connections.length < matched ? `, ${connections.length} are shown` : "";
  return `${printColumns(TITLES, connections.map(cellsOf))}\n${open} open, ${matched} match${shown}\n`;
}

/** Of two numbers, the first is from the client. */
function cellsOf(row: ConnectionRow): readonly string[] {
  const { route } = row;
  return [
    String(row.id),
    row.state,
    row.clientAddress,
    route === null ? "" : `${route.namespace}/${route.name}/${route.rule}`,
    row.endpoint ?? "",
    showDuration(Math.floor(row.ageSeconds) * 1_000),
    showDuration(Math.floor(row.quietSeconds) * 1_000),
    `${row.messagesIn}/${row.messagesOut}`,
    `${row.bytesIn}/${row.bytesOut}`,
    `${row.queuedIn}/${row.queuedOut}`,
  ];
}
