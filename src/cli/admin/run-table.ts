import { TABLE_PARAMS } from "../../admin/debug/table-params.ts";
import type { describeEntry, describeHostTls, describePool } from "../../table/describe-tables.ts";
import type { Invocation } from "../command.ts";
import { mistakesOf, UsageError } from "../complain.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Printable, printResult } from "../output.ts";
import type { Surroundings } from "../surroundings.ts";
import { readQuestion } from "./admin-flags.ts";
import { askAdmin } from "./ask-admin.ts";
import { printColumns } from "./print-columns.ts";

type Way = ReturnType<typeof describeEntry> & { readonly host: string | null };
type Pool = ReturnType<typeof describePool>;
type Tls = ReturnType<typeof describeHostTls>;

/** What /debug/table answers. */
type Answer = { readonly total: number; readonly next: number | null; readonly items: readonly unknown[] };

/** `fairlead table`: what a replica goes by. Resolves to the exit code. */
export async function runTable({ flags, format }: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const read = readQuestion(flags, TABLE_PARAMS);
  if (!read.ok) throw new UsageError(mistakesOf("InvalidArgument", read.errors));
  const { body } = await askAdmin({ ...read, method: "GET", path: "/debug/table", expects: "items" });
  const answer = body as Answer;
  const part = read.query.get("part") ?? "routing";
  surroundings.write(printResult(format, body as Printable, () => printForPeople(part, answer)));
  return 0;
}

function printForPeople(part: string, { total, next, items }: Answer): string {
  const more = next === null ? "" : `; --offset ${next} goes on`;
  return `${printItems(part, items)}\n${items.length} of ${total}${more}\n`;
}

function printItems(part: string, items: readonly unknown[]): string {
  if (part === "endpoints") {
    return printColumns(["SERVICE", "ENDPOINT", "STATE", "ZONES"], (items as readonly Pool[]).flatMap(poolCells));
  }
  if (part === "certificates") {
    const titles = ["HOST", "TLS", "NAMES", "NOT AFTER", "SECRET", "SHA-256"];
    return printColumns(titles, (items as readonly Tls[]).flatMap(tlsCells));
  }
  return printColumns(["HOST", "MATCH", "ROUTE", "TO"], (items as readonly Way[]).map(wayCells));
}

function wayCells({ host, match, rule, action }: Way): readonly string[] {
  const { path, headers, queryParams, subprotocols } = match;
  const conditions = [
    ...headers.map(({ name, value }) => `header ${name}=${value}`),
    ...queryParams.map(({ name, value }) => `query ${name}=${value}`),
    ...(subprotocols.length === 0 ? [] : [`subprotocol ${subprotocols.join("|")}`]),
  ];
  return [
    host ?? "(every other)",
    [`${path.type} ${path.value}`, ...conditions].join(", "),
    `${rule.kind} ${rule.namespace}/${rule.name}/${rule.rule}`,
    action.type === "Refuse"
      ? `refused: ${action.status}, ${action.detail}`
      : action.backends.map((each) => (each.type === "Pool" ? each.pool : `refused: ${each.status}`)).join(", "),
  ];
}

function poolCells({ pool, endpoints }: Pool): readonly (readonly string[])[] {
  if (endpoints.length === 0) return [[pool, "(none)", "", ""]];
  return endpoints.map(({ address, port, zones, ...state }) => [
    pool,
    address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
    (["ready", "serving", "terminating"] as const).filter((word) => state[word]).join(", "),
    zones.join(", "),
  ]);
}

function tlsCells({ host, minVersion, certificates }: Tls): readonly (readonly string[])[] {
  return certificates.map(({ names, notAfter, secret, fingerprint }) => [
    host,
    minVersion,
    names,
    notAfter,
    secret ?? "",
    fingerprint,
  ]);
}
